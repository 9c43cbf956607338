/* chat: vLLM's prompt_logprobs of a chat that ends with the reply. */
#include "lib/llm/internal/likelihood_parts.h"
#include "lib/llm/internal/likelihood_ways.h"

#include "lib/json/json.h"

#include <math.h>
#include <string.h>

static size_t count_visible(struct sm_spelling text)
{
    size_t count = 0;
    while (sm_spelling_next(&text))
        count++;
    return count;
}

/* Of a token of the prompt: {"ID":{"logprob":…,"decoded_token":…}}, with nothing else in it; for
 * the caller to free. Invalid: it is not that. */
static jv prompt_entry(jv list, size_t i)
{
    jv token = jv_array_get(jv_copy(list), (int)i), entry = jv_invalid();
    if (jv_get_kind(token) == JV_KIND_OBJECT && jv_object_length(jv_copy(token)) == 1)
        entry = jv_object_iter_value(token, jv_object_iter(token));
    jv_free(token);
    return entry;
}

/* The first token of the reply, counted from the end: before a reply that is there some templates
 * put what they leave to the model before one that is not, such as an empty thought. */
static size_t reply_begin(jv list, const struct sm_given *given)
{
    size_t i = sm_part_count(list), left = count_visible(sm_spelling_of(given->reply));
    for (; i > given->prefix_tokens; i--) {
        jv entry = prompt_entry(list, i - 1);
        const char *text = sm_json_text(entry, "decoded_token", NULL);
        size_t count = text ? count_visible(sm_spelling_of(text)) : 0;
        jv_free(entry);
        if (count > left)
            break;
        left -= count;
    }
    return i;
}

static bool keep_prompt(jv list, const struct sm_given *given, struct sm_buf *kept)
{
    size_t n = sm_part_count(list), i = reply_begin(list, given);
    struct sm_spelling reply = sm_spelling_of(given->reply);
    bool ok = given->prefix_tokens > 0 && given->prefix_tokens < n;
    for (; ok && i < n; i++) {
        jv entry = prompt_entry(list, i);
        const char *text = sm_json_text(entry, "decoded_token", NULL);
        ok = text && sm_spell(&reply, text) &&
             sm_keep_logprob(kept, sm_json_number(entry, "logprob", NAN));
        jv_free(entry);
    }
    return ok && !sm_spelling_next(&reply);
}

static bool accept_chat(void *arg, const char *body, size_t len, struct sm_buf *kept,
                        struct sm_usage *usage)
{
    const struct sm_given *given = arg;
    jv root = jv_invalid();
    if (!sm_json_parse(body, len, &root, NULL))
        return false;
    jv list = sm_json_get(root, "prompt_logprobs");
    sm_part_usage(root, usage);
    bool ok = (usage->in == 0 || usage->in == (int64_t)sm_part_count(list)) &&
              keep_prompt(list, given, kept) && sm_keep_usage(kept, usage);
    jv_free(list);
    jv_free(root);
    return ok;
}

const struct sm_post sm_chat_post = {"/chat/completions", false, accept_chat,
                                     SM_NOT_TOLD,         false, NULL};

void sm_chat_body(struct sm_buf *out, const char *model, const char *messages,
                  const struct sm_given *given)
{
    sm_buf_str(out, "{\"model\":");
    sm_json_cstring(out, model);
    sm_buf_printf(out, ",\"messages\":%.*s,{\"role\":\"assistant\",\"content\":",
                  (int)strlen(messages) - 1, messages);
    sm_json_cstring(out, given->reply);
    sm_buf_str(out, "}],\"max_tokens\":1,\"temperature\":0,\"prompt_logprobs\":0,"
                    "\"add_generation_prompt\":false,\"continue_final_message\":true}");
}

static bool accept_tokenize(void *arg, const char *body, size_t len, struct sm_buf *kept,
                            struct sm_usage *usage)
{
    jv root = jv_invalid();
    int64_t count;
    (void)arg;
    (void)usage;
    if (!sm_json_parse(body, len, &root, NULL))
        return false;
    bool ok = sm_json_integer(root, "count", 1, SM_TOKENS_MAX, &count);
    if (ok)
        sm_buf_printf(kept, "{\"count\":%lld}", (long long)count);
    jv_free(root);
    return ok;
}

const struct sm_post sm_tokenize_post = {
    "/tokenize", true, accept_tokenize, "the answer does not count tokens", true, NULL};

void sm_tokenize_body(struct sm_buf *out, const char *model, const char *messages)
{
    sm_buf_str(out, "{\"model\":");
    sm_json_cstring(out, model);
    sm_buf_printf(out, ",\"messages\":%s,\"add_generation_prompt\":true}", messages);
}
