#include "cmd/prompt/messages.h"

#include "lib/json/json.h"

void messages_text(const char *messages, size_t len, struct sm_buf *out)
{
    jv list;
    if (!sm_json_parse(messages, len, &list, NULL))
        return;
    int n = jv_array_length(jv_copy(list));
    for (int i = 0; i < n; i++) {
        jv message = jv_array_get(jv_copy(list), i);
        size_t content_len = 0;
        const char *content = sm_json_text(message, "content", &content_len);
        sm_buf_printf(out, "[%s]\n", sm_json_text(message, "role", NULL));
        sm_buf_add(out, content, content_len); /* whatever is in it */
        sm_buf_str(out, i + 1 < n ? "\n\n" : "\n");
        jv_free(message);
    }
    jv_free(list);
}
