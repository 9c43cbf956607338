#include "lib/llm/completion.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"

#include <string.h>

static jv first_choice(jv root)
{
    jv choices = sm_json_get(root, "choices");
    jv choice = jv_invalid();
    if (jv_get_kind(choices) == JV_KIND_ARRAY && jv_array_length(jv_copy(choices)) > 0)
        choice = jv_array_get(jv_copy(choices), 0);
    jv_free(choices);
    return choice;
}

static int64_t count(jv object, const char *name)
{
    double number = sm_json_number(object, name, 0);
    return number > 0 && number < 1e15 ? (int64_t)number : 0;
}

static void read_usage(jv root, struct sm_completion *c)
{
    jv usage = sm_json_get(root, "usage");
    jv in = sm_json_get(usage, "prompt_tokens_details");
    jv out = sm_json_get(usage, "completion_tokens_details");
    c->usage = (struct sm_usage){.in = count(usage, "prompt_tokens"),
                                 .out = count(usage, "completion_tokens"),
                                 .cached = count(in, "cached_tokens"),
                                 .reasoning = count(out, "reasoning_tokens")};
    jv_free(in);
    jv_free(out);
    jv_free(usage);
}

bool sm_completion_parse(const char *body, size_t len, struct sm_completion *completion)
{
    *completion = (struct sm_completion){.root = jv_invalid(), .content = ""};
    if (!sm_json_parse(body, len, &completion->root, NULL))
        return false;
    jv choice = first_choice(completion->root);
    jv message = sm_json_get(choice, "message");
    const char *content = sm_json_text(message, "content", &completion->content_len);
    const char *finish = sm_json_text(choice, "finish_reason", NULL);
    const char *refusal = sm_json_text(message, "refusal", NULL);
    jv error = sm_json_get(completion->root, "error");
    bool failed = jv_is_valid(error) && jv_get_kind(error) != JV_KIND_NULL;
    jv_free(error);
    failed = failed || (finish && strcmp(finish, "error") == 0);
    bool ok = jv_get_kind(message) == JV_KIND_OBJECT && !failed;
    completion->truncated = finish && strcmp(finish, "length") == 0;
    completion->refused =
        (refusal && *refusal) || (finish && strcmp(finish, "content_filter") == 0);
    if (content)
        completion->content = content;
    completion->model = sm_json_text(completion->root, "model", NULL);
    jv_free(message);
    jv_free(choice);
    read_usage(completion->root, completion);
    if (!ok)
        sm_completion_release(completion);
    return ok;
}

void sm_completion_refusal(struct sm_buf *out, const char *model, const char *why)
{
    sm_buf_str(out, "{\"object\":\"chat.completion\",\"model\":");
    sm_json_cstring(out, model);
    sm_buf_str(out,
               ",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":null,"
               "\"refusal\":");
    sm_json_cstring(out, why);
    sm_buf_str(out, "},\"finish_reason\":\"content_filter\"}]}");
}

jv sm_completion_logprobs(const struct sm_completion *completion)
{
    jv choice = first_choice(completion->root);
    jv logprobs = sm_json_get(choice, "logprobs");
    jv_free(choice);
    return logprobs;
}

void sm_completion_release(struct sm_completion *completion)
{
    jv_free(completion->root);
    *completion = (struct sm_completion){.root = jv_invalid(), .content = ""};
}
