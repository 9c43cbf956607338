#include "tests/mock/vllm.h"

#include "tests/mock/json.h"
#include "tests/mock/likely.h"

#include <stdlib.h>

/* --- echo --- */

/* The lists of vLLM's `logprobs`; text_offset counts characters. */
struct lists {
    jv tokens, logprobs, offsets, top;
    int offset;
};

static void add_token(struct lists *lists, jv text, jv logprob)
{
    jv top = jv_null();
    if (jv_get_kind(logprob) == JV_KIND_NUMBER)
        top = JV_OBJECT(jv_string(LIKELY_NEXT), jv_number(LIKELY_NEXT_LOGPROB), jv_copy(text),
                        jv_copy(logprob));
    lists->tokens = jv_array_append(lists->tokens, jv_copy(text));
    lists->logprobs = jv_array_append(lists->logprobs, logprob);
    lists->offsets = jv_array_append(lists->offsets, jv_number(lists->offset));
    lists->top = jv_array_append(lists->top, top);
    lists->offset += jv_string_length_codepoints(text);
}

struct reply vllm_echo(struct way *way, const struct call *call)
{
    const char *prompt = text_of(call->body, "prompt");
    bool more = number_or(call->body, "max_tokens", 16) > 0;
    (void)way;
    if (!prompt || !flag_or(call->body, "echo", false) ||
        number_or(call->body, "logprobs", -1) < 0 || number_or(call->body, "max_tokens", 16) > 1)
        return reply_error(400, "mock: only echo with logprobs and at most one token");
    struct tokens tokens = tokens_of(prompt, true);
    double *logprobs = likely(way->planted, prompt, &style_transcript, &tokens);
    struct lists lists = {jv_array(), jv_array(), jv_array(), jv_array(), 0};
    for (size_t i = 0; i < tokens.count; i++)
        add_token(&lists, token_text(&tokens, i), i ? jv_number(logprobs[i]) : jv_null());
    if (more)
        add_token(&lists, jv_string(LIKELY_NEXT), jv_number(LIKELY_NEXT_LOGPROB));
    jv choice =
        JV_OBJECT(jv_string("index"), jv_number(0), jv_string("text"),
                  jv_string_fmt("%s%s", prompt, more ? LIKELY_NEXT : ""), jv_string("logprobs"),
                  JV_OBJECT(jv_string("text_offset"), lists.offsets, jv_string("token_logprobs"),
                            lists.logprobs, jv_string("tokens"), lists.tokens,
                            jv_string("top_logprobs"), lists.top),
                  jv_string("finish_reason"), jv_string("length"));
    jv usage = way_usage(tokens.count, more);
    free(logprobs);
    free(tokens.at);
    return reply_json(200, way_completion(call, "text_completion", choice, usage));
}

/* --- chat --- */

/* The prompt, in ChatML, to be freed; NULL where it cannot be both ended and gone on with. */
static char *prompt_of(const struct call *call)
{
    bool prompt = flag_or(call->body, "add_generation_prompt", true);
    bool unfinished = flag_or(call->body, "continue_final_message", false);
    jv messages = member_or(call->body, "messages", jv_null());
    char *text = prompt && unfinished ? NULL : turns_write(messages, unfinished, prompt);
    jv_free(messages);
    return text;
}

static struct reply refuse_both(void)
{
    return reply_error(
        400, "Cannot set both `continue_final_message` and `add_generation_prompt` to True.");
}

struct reply vllm_tokenize(struct way *way, const struct call *call)
{
    char *prompt = prompt_of(call);
    jv ids = jv_array();
    (void)way;
    if (!prompt)
        return refuse_both();
    struct tokens tokens = tokens_of(prompt, true);
    for (size_t i = 0; i < tokens.count; i++)
        ids = jv_array_append(ids, jv_number((double)token_id(tokens.at[i])));
    free(tokens.at);
    free(prompt);
    return reply_json(200, JV_OBJECT(jv_string("count"), jv_number(jv_array_length(jv_copy(ids))),
                                     jv_string("max_model_len"), jv_number(32768),
                                     jv_string("tokens"), ids, jv_string("token_strs"), jv_null()));
}

/* Of a token of the prompt. */
static jv prompt_entry(const struct tokens *tokens, size_t i, double logprob)
{
    jv entry = JV_OBJECT(jv_string("logprob"), jv_number(logprob), jv_string("rank"), jv_number(2),
                         jv_string("decoded_token"), token_text(tokens, i));
    return jv_object_set(jv_object(), token_key(tokens->at[i]), entry);
}

struct reply vllm_chat(struct way *way, const struct call *call)
{
    char *prompt = prompt_of(call);
    (void)way;
    if (!prompt)
        return refuse_both();
    struct tokens tokens = tokens_of(prompt, true);
    double *logprobs = likely(way->planted, prompt, &style_chatml, &tokens);
    jv list = JV_ARRAY(jv_null());
    for (size_t i = 1; i < tokens.count; i++)
        list = jv_array_append(list, prompt_entry(&tokens, i, logprobs[i]));
    jv message = JV_OBJECT(jv_string("role"), jv_string("assistant"), jv_string("content"),
                           jv_string(LIKELY_NEXT));
    jv choice = JV_OBJECT(jv_string("index"), jv_number(0), jv_string("message"), message,
                          jv_string("logprobs"), jv_null(), jv_string("finish_reason"),
                          jv_string("length"));
    jv body = way_completion(call, "chat.completion", choice, way_usage(tokens.count, 1));
    free(logprobs);
    free(tokens.at);
    free(prompt);
    return reply_json(200, jv_object_set(body, jv_string("prompt_logprobs"), list));
}
