#include "tests/mock/llama.h"

#include "tests/mock/grammar.h"
#include "tests/mock/json.h"
#include "tests/mock/likely.h"

#include <stdlib.h>
#include <string.h>

static const struct token next = {LIKELY_NEXT, sizeof LIKELY_NEXT - 1};

struct reply llama_template(struct way *way, const struct call *call)
{
    jv messages = member_or(call->body, "messages", jv_null());
    char *prompt = turns_write(messages, false, true);
    (void)way;
    struct reply reply = reply_json(200, JV_OBJECT(jv_string("prompt"), jv_string(prompt)));
    free(prompt);
    jv_free(messages);
    return reply;
}

struct reply llama_tokenize(struct way *way, const struct call *call)
{
    const char *content = text_of(call->body, "content");
    if (!content || !flag_or(call->body, "with_pieces", false))
        return reply_error(400, "mock: only content, with pieces");
    jv list = jv_array();
    struct tokens tokens = tokens_of(content, flag_or(call->body, "parse_special", true));
    for (size_t i = 0; i < tokens.count; i++) {
        jv piece = grammar_piece(tokens.at[i]);
        way->pieces = jv_object_set(way->pieces, token_key(tokens.at[i]), jv_copy(piece));
        list = jv_array_append(list,
                               JV_OBJECT(jv_string("id"), jv_number((double)token_id(tokens.at[i])),
                                         jv_string("piece"), piece));
    }
    free(tokens.at);
    return reply_json(200, JV_OBJECT(jv_string("tokens"), list));
}

static jv candidate(struct token token, jv text, double logprob)
{
    struct token whole = {jv_string_value(text), strlen(jv_string_value(text))};
    jv bytes = token_bytes(whole);
    return JV_OBJECT(jv_string("id"), jv_number((double)token_id(token)), jv_string("token"), text,
                     jv_string("bytes"), bytes, jv_string("logprob"), jv_number(logprob));
}

/* A generated token, beside which the mock would have liked another one better. */
static jv generated(struct token token, jv text, double logprob)
{
    jv best = candidate(next, jv_string(LIKELY_NEXT), LIKELY_NEXT_LOGPROB);
    return jv_object_set(candidate(token, text, logprob), jv_string("top_logprobs"),
                         JV_ARRAY(best));
}

/* A character of two tokens is told once, with the second. */
static jv probabilities(const struct tokens *tokens, const double *logprobs, bool ended)
{
    static const struct token end = {"<|im_end|>", 10};
    jv list = jv_array();
    for (size_t i = 0; i < tokens->count; i++) {
        if (!token_ends_within(tokens->at[i]))
            list =
                jv_array_append(list, generated(tokens->at[i], token_text(tokens, i), logprobs[i]));
    }
    return ended ? jv_array_append(list, generated(end, jv_string(""), -0.5)) : list;
}

static size_t count_of(const char *text)
{
    struct tokens tokens = tokens_of(text, true);
    free(tokens.at);
    return tokens.count;
}

static jv timings(const struct call *call, size_t in, size_t out)
{
    size_t cached = flag_or(call->body, "cache_prompt", true) ? in / 2 : 0;
    return JV_OBJECT(jv_string("cache_n"), jv_number((double)cached), jv_string("prompt_n"),
                     jv_number((double)(in - cached)), jv_string("predicted_n"),
                     jv_number((double)out));
}

/* What was generated lies in `text`, behind the prompt. */
static jv completion(const struct planted *planted, const struct call *call, const char *text,
                     const struct tokens *tokens, bool ended)
{
    const char *prompt = text_of(call->body, "prompt");
    size_t in = count_of(prompt), out = tokens->count + ended;
    jv body = JV_OBJECT(
        jv_string("index"), jv_number(0), jv_string("content"), jv_string(text + strlen(prompt)),
        jv_string("stop"), jv_true(), jv_string("stop_type"), jv_string(ended ? "eos" : "limit"),
        jv_string("tokens_predicted"), jv_number((double)out), jv_string("tokens_evaluated"),
        jv_number((double)in), jv_string("timings"), timings(call, in, out));
    if (number_or(call->body, "n_probs", 0) <= 0)
        return body;
    double *logprobs = likely(planted, text, &style_chatml, tokens);
    body = jv_object_set(body, jv_string("completion_probabilities"),
                         probabilities(tokens, logprobs, ended));
    free(logprobs);
    return body;
}

struct reply llama_completion(struct way *way, const struct call *call)
{
    const char *prompt = text_of(call->body, "prompt"), *grammar = text_of(call->body, "grammar");
    jv list = prompt && grammar ? grammar_read(grammar, way->pieces) : jv_invalid();
    if (!jv_is_valid(list)) {
        jv_free(list);
        return reply_error(400, "mock: failed to parse grammar");
    }
    double count = jv_array_length(jv_copy(list)), most = number_or(call->body, "n_predict", -1);
    bool ended = most < 0 || count < most;
    struct tokens tokens;
    char *text = grammar_write(prompt, list, (size_t)(ended ? count : most), &tokens);
    struct reply reply = reply_json(200, completion(way->planted, call, text, &tokens, ended));
    free(tokens.at);
    free(text);
    jv_free(list);
    return reply;
}

struct reply llama_silent(struct way *way, const struct call *call)
{
    const char *prompt = text_of(call->body, "prompt");
    jv told = generated(next, jv_string(LIKELY_NEXT), LIKELY_NEXT_LOGPROB);
    jv choice =
        JV_OBJECT(jv_string("text"), jv_string(LIKELY_NEXT), jv_string("index"), jv_number(0),
                  jv_string("logprobs"), JV_OBJECT(jv_string("content"), JV_ARRAY(told)),
                  jv_string("finish_reason"), jv_string("length"));
    (void)way;
    return reply_json(200, way_completion(call, "text_completion", choice,
                                          way_usage(count_of(prompt ? prompt : ""), 1)));
}
