#include "tests/mock/reply.h"

#include "tests/mock/json.h"

#include <math.h>
#include <string.h>

static jv as_text(jv value)
{
    return jv_get_kind(value) == JV_KIND_STRING ? value : jv_dump_string(value, 0);
}

struct reply reply_json(unsigned status, jv body)
{
    return (struct reply){.status = status, .headers = jv_object(), .body = as_text(body)};
}

struct reply reply_error(unsigned status, const char *message)
{
    jv error =
        JV_OBJECT(jv_string("message"), jv_string(message), jv_string("type"), jv_string("mock"));
    return reply_json(status, JV_OBJECT(jv_string("error"), error));
}

static jv usage_of(const struct call *call, const char *content)
{
    double in = (double)((strlen(call->text) + 3) / 4), out = (double)((strlen(content) + 3) / 4);
    return JV_OBJECT(jv_string("prompt_tokens"), jv_number(in), jv_string("completion_tokens"),
                     jv_number(out), jv_string("total_tokens"), jv_number(in + out),
                     jv_string("prompt_tokens_details"),
                     JV_OBJECT(jv_string("cached_tokens"), jv_number(0)));
}

/* `content` is a text, an object, or a list of them, of which the choices have one after another:
 * makes it a list of texts. */
static jv texts_of(jv content)
{
    bool several = jv_get_kind(content) == JV_KIND_ARRAY && jv_array_length(jv_copy(content)) > 0;
    jv list = several ? content : JV_ARRAY(content), texts = jv_array();
    jv_array_foreach(list, i, one)
    {
        texts = jv_array_append(texts, as_text(one));
    }
    jv_free(list);
    return texts;
}

static jv usage_of_all(const struct call *call, jv texts)
{
    jv all = jv_string("");
    jv_array_foreach(texts, i, text)
    {
        all = jv_string_concat(all, text);
    }
    jv usage = usage_of(call, jv_string_value(all));
    jv_free(all);
    return usage;
}

static jv choice_with(jv description, int index, jv content)
{
    jv choice = JV_OBJECT(
        jv_string("index"), jv_number(index), jv_string("message"),
        JV_OBJECT(jv_string("role"), jv_string("assistant"), jv_string("content"), content),
        jv_string("finish_reason"), member_or(description, "finish_reason", jv_string("stop")));
    if (has_member(description, "logprobs"))
        choice = jv_object_set(choice, jv_string("logprobs"),
                               member_or(description, "logprobs", jv_null()));
    return choice;
}

static jv completion(jv description, const struct call *call)
{
    jv texts = texts_of(member_or(description, "content", jv_null()));
    jv usage = member_or(description, "usage", usage_of_all(call, texts));
    jv choices = jv_array();
    int n = (int)fmax(number_or(call->body, "n", 1), 1), count = jv_array_length(jv_copy(texts));
    for (int i = 0; i < n; i++) {
        jv content = jv_array_get(jv_copy(texts), i % count);
        choices = jv_array_append(choices, choice_with(description, i, content));
    }
    jv_free(texts);
    return JV_OBJECT(jv_string("id"), jv_string("chatcmpl-mock"), jv_string("object"),
                     jv_string("chat.completion"), jv_string("model"),
                     member_or(call->body, "model", jv_null()), jv_string("choices"), choices,
                     jv_string("usage"), usage);
}

struct reply reply_described(jv description, const struct call *call)
{
    bool own = has_member(description, "body");
    jv body = own ? member_or(description, "body", jv_null()) : completion(description, call);
    jv cut = member_or(description, "cut", jv_false());
    struct reply reply = reply_json((unsigned)number_or(description, "status", 200), body);
    jv_free(reply.headers);
    reply.headers = member_or(description, "headers", jv_object());
    reply.latency_ms = number_or(description, "latency_ms", 0);
    reply.cut = jv_get_kind(cut) == JV_KIND_TRUE;
    jv_free(description);
    return reply;
}

void reply_free(struct reply *reply)
{
    jv_free(reply->headers);
    jv_free(reply->body);
}
