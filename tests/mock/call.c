#include "tests/mock/call.h"

#include "tests/mock/json.h"

#include <stdio.h>
#include <stdlib.h>

/* The text of a call that has no messages. */
static const char *plain_text(const struct call *call)
{
    const char *prompt = text_of(call->body, "prompt"), *content = text_of(call->body, "content");
    return prompt ? prompt : content ? content : "";
}

static void join_contents(struct call *call)
{
    jv messages = member_or(call->body, "messages", jv_null());
    int n = jv_get_kind(messages) == JV_KIND_ARRAY ? jv_array_length(jv_copy(messages)) : 0;
    size_t len, last = 0;
    FILE *out = open_memstream(&call->text, &len);
    for (int i = 0; i < n; i++) {
        jv message = jv_array_get(jv_copy(messages), i);
        const char *content = text_of(message, "content");
        last = (size_t)ftell(out);
        if (content)
            fputs(content, out);
        jv_free(message);
    }
    if (n == 0)
        fputs(plain_text(call), out);
    fclose(out);
    call->last = call->text + last;
    jv_free(messages);
}

bool call_read(struct call *call)
{
    call->text = NULL;
    call->body = call->bytes ? jv_parse_sized(call->bytes, (int)call->len) : jv_invalid();
    if (jv_get_kind(call->body) != JV_KIND_OBJECT)
        return false;
    join_contents(call);
    return true;
}

void call_free(struct call *call)
{
    jv_free(call->body);
    free(call->text);
}
