#include "tests/mock/way.h"

#include "tests/mock/die.h"
#include "tests/mock/json.h"
#include "tests/mock/llama.h"
#include "tests/mock/vllm.h"

#include <string.h>

#define CHAT "/v1/chat/completions"

jv way_usage(size_t in, size_t out)
{
    return JV_OBJECT(jv_string("prompt_tokens"), jv_number((double)in), jv_string("total_tokens"),
                     jv_number((double)(in + out)), jv_string("completion_tokens"),
                     jv_number((double)out), jv_string("prompt_tokens_details"), jv_null());
}

jv way_completion(const struct call *call, const char *object, jv choice, jv usage)
{
    return JV_OBJECT(jv_string("id"), jv_string("cmpl-mock"), jv_string("object"),
                     jv_string(object), jv_string("created"), jv_number(1700000000),
                     jv_string("model"), member_or(call->body, "model", jv_null()),
                     jv_string("choices"), JV_ARRAY(choice), jv_string("usage"), usage);
}

static const struct {
    const char *way, *path;
    struct reply (*answer)(struct way *, const struct call *);
} answers[] = {
    {"echo", "/v1/completions", vllm_echo},
    {"chat", "/tokenize", vllm_tokenize},
    {"chat", CHAT, vllm_chat},
    {"forced", "/apply-template", llama_template},
    {"forced", "/tokenize", llama_tokenize},
    {"forced", "/completion", llama_completion},
    {"silent", "/v1/completions", llama_silent},
};

struct way way_open(const char *name, const struct planted *planted)
{
    bool known = !name;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        known = known || strcmp(name, answers[i].way) == 0;
    if (!known)
        die("unknown way %s", name);
    return (struct way){name, planted, jv_object()};
}

bool way_answers(struct way *way, const struct call *call, struct reply *reply)
{
    bool chat = strcmp(call->path, CHAT) == 0, known = false;
    if (chat && !has_member(call->body, "prompt_logprobs"))
        return false;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        if (strcmp(call->path, answers[i].path) != 0)
            continue;
        known = true;
        if (way->name && strcmp(way->name, answers[i].way) == 0) {
            *reply = answers[i].answer(way, call);
            return true;
        }
    }
    if (!known || chat)
        return false;
    *reply = reply_error(404, "Not Found");
    return true;
}
