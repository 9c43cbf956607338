#include "cmd/common/client.h"

#include <stddef.h>

#define FIELD(name) offsetof(struct client_options, name)

const struct sm_opt client_opts[] = {
    {'M', "model", "NAME", SM_OPT_TEXT, FIELD(model), 0, 0,
     "The model, with its provider's prefix (openai/, together/, gemini/, azure/, anthropic/, openrouter/) or as the local endpoint names it. Default: SM_MODEL, else the endpoint's only model."},
    {'B', "base-url", "URL,...|@FILE", SM_OPT_TEXT, FIELD(base_url), 0, 0,
     "The endpoint, instead of the provider's own; or several that have the same model, with commas between or a line each in FILE: calls are spread over them. Default: SM_BASE_URL, else http://localhost:7410/v1 for a model without a known prefix."},
    {0, "store-as", "NAME", SM_OPT_TEXT, FIELD(store_as), 0, 0,
     "Record answers, and look for them, as those of NAME: for two servers that give one name to different models. Default: SM_STORE_AS, else the provider's name, or for other endpoints the model's name alone."},
    {'H', "header", "@FILE", SM_OPT_TEXTS, FIELD(headers), 0, 0,
     "Send the header lines of FILE with every request. May be given several times."},
    {0, "api-key-file", "FILE", SM_OPT_TEXT, FIELD(api_key_file), 0, 0,
     "The key is the first line of FILE, which only you may be able to change. Default: the provider's variable in the environment, else in .env."},
    {0, "insecure-http", NULL, SM_OPT_FLAG, FIELD(insecure_http), 0, 0,
     "Send a key over http:// also to another machine, or to what another user runs on this one."},
    {'j', "jobs", "N", SM_OPT_INT, FIELD(jobs), 1, 4096,
     "Requests in flight at once, of all programs of a pipe together; with --no-cache, of each. Default: 32."},
    {0, "temperature", "T", SM_OPT_REAL, FIELD(temperature), 0, 2,
     "Sampling temperature of a first try. Default: 0."},
    {0, "max-tokens", "N", SM_OPT_INT, FIELD(max_tokens), 1, 1e6,
     "Tokens that a reply may have. Default: 1024."},
    {0, "timeout", "SECONDS", SM_OPT_REAL, FIELD(timeout), 0.1, 86400,
     "Give up an attempt that has no whole answer by then, and try again. Default: 600."},
    {0, "rpm", "N", SM_OPT_INT, FIELD(rpm), 1, 1e9,
     "Send at most N requests in any minute, all programs that share the store together."},
    {0, "tpm", "N", SM_OPT_INT, FIELD(tpm), 1, 1e12,
     "Likewise at most N tokens in any minute, of prompts and replies."},
    {0, "max-calls", "N", SM_OPT_INT, FIELD(max_calls), 1, 1e12,
     "Stop, with exit status 6, when the run has made N calls: all programs of the pipe together, or all with the same SM_RUN."},
    {0, "max-cost", "USD", SM_OPT_REAL, FIELD(max_cost), 1e-9, 1e9,
     "Likewise stop before the run costs more than USD."},
    {0, "prices", "FILE", SM_OPT_TEXT, FIELD(prices), 0, 0,
     "Prices of models, before the built-in ones: JSON objects with model, in, cached and out, in US dollars per million tokens."},
    {0, "body", "FILE", SM_OPT_TEXT, FIELD(body), 0, 0,
     "Add the members of the JSON object in FILE to every request; null takes one out."},
    {0, "set", "NAME=VALUE", SM_OPT_TEXTS, FIELD(members), 0, 0,
     "Likewise one member, for example reasoning_effort=low; a.b=1 is b within a. VALUE is JSON, or else a text. May be given several times."},
    {0, "gateway-members", NULL, SM_OPT_FLAG, FIELD(gateway_members), 0, 0,
     "Take members that tell a gateway where a request goes, with which key or what to answer, such as api_base, fallbacks or mock_response."},
    {'n', "dry-run", NULL, SM_OPT_FLAG, FIELD(dry_run), 0, 0,
     "Ask nothing: say how many calls, tokens and US dollars it would take beyond recorded answers."},
    {0, "batch", "FILE", SM_OPT_TEXT, FIELD(batch), 0, 0,
     "Ask nothing: write the requests without a recorded answer to FILE as batch lines, and end with exit status 5."},
    {0, "batch-format", "openai|anthropic|gemini", SM_OPT_CHOICE, FIELD(batch_form), 0, 0,
     "The form of these lines. Default: the provider's own by the model's prefix, else openai."},
    {0, "replay", NULL, SM_OPT_FLAG, FIELD(replay), 0, 0,
     "Never ask the endpoint: answer from the store alone. A request that it does not know fails."},
    {0, "no-cache", NULL, SM_OPT_FLAG, FIELD(no_cache), 0, 0,
     "Neither read nor write recorded answers."},
    SM_OPT_END};

const struct sm_opt prompt_opts[] = {
    {0, "prompts", "DIR", SM_OPT_TEXT, FIELD(prompts), 0, 0,
     "Take judge.jq, persona.jq, rubric.jq, scores.jq, generation.jq and likelihood.jq from DIR where they are there."},
    SM_OPT_END};
