#include "lib/llm/internal/message.h"

#include "lib/json/json.h"

#include <string.h>

void sm_message_text(jv message, const char *name, struct sm_buf *out)
{
    size_t len = 0;
    const char *text = sm_json_text(message, name, &len);
    if (text)
        sm_buf_add(out, text, len);
}

static void add_list(jv list, struct sm_buf *answer, struct sm_buf *thought, struct sm_buf *refusal)
{
    int n = jv_array_length(jv_copy(list));
    for (int i = 0; i < n; i++) {
        jv part = jv_array_get(jv_copy(list), i);
        sm_message_content(part, answer, thought, refusal);
        jv_free(part);
    }
}

/* The part `name` of a thought: a text, or parts again. */
static void add_thought(jv part, const char *name, struct sm_buf *thought, struct sm_buf *refusal)
{
    jv member = sm_json_get(part, name);
    sm_message_content(member, thought, thought, refusal);
    jv_free(member);
}

static void add_object(jv part, struct sm_buf *answer, struct sm_buf *thought,
                       struct sm_buf *refusal)
{
    const char *type = sm_json_text(part, "type", NULL);
    jv text = sm_json_get(part, "text");
    if (type && (strstr(type, "think") || strstr(type, "reason"))) {
        add_thought(part, "thinking", thought, refusal);
        add_thought(part, "reasoning", thought, refusal);
        add_thought(part, "summary", thought, refusal);
        add_thought(part, "text", thought, refusal);
    } else if (type && strcmp(type, "refusal") == 0) {
        sm_message_text(part, "refusal", refusal);
    } else if (jv_get_kind(text) == JV_KIND_STRING) {
        sm_message_text(part, "text", answer);
    } else if (jv_get_kind(text) == JV_KIND_OBJECT) {
        sm_message_text(text, "value", answer);
    } else if (!type) {
        sm_json_value(answer, part);
    }
    jv_free(text);
}

void sm_message_content(jv content, struct sm_buf *answer, struct sm_buf *thought,
                        struct sm_buf *refusal)
{
    switch (jv_get_kind(content)) {
    case JV_KIND_STRING:
        sm_buf_add(answer, jv_string_value(content),
                   (size_t)jv_string_length_bytes(jv_copy(content)));
        break;
    case JV_KIND_ARRAY:
        add_list(content, answer, thought, refusal);
        break;
    case JV_KIND_OBJECT:
        add_object(content, answer, thought, refusal);
        break;
    default:
        break;
    }
}

static bool is_empty_object(jv object)
{
    bool empty = true;
    jv_object_foreach(object, key, value)
    {
        empty = empty && sm_message_is_empty(value);
        jv_free(key);
        jv_free(value);
    }
    return empty;
}

bool sm_message_is_empty(jv error)
{
    switch (jv_get_kind(error)) {
    case JV_KIND_TRUE:
        return false;
    case JV_KIND_NUMBER:
        return jv_number_value(error) == 0;
    case JV_KIND_STRING:
        return jv_string_length_bytes(jv_copy(error)) == 0;
    case JV_KIND_ARRAY:
        return jv_array_length(jv_copy(error)) == 0;
    case JV_KIND_OBJECT:
        return is_empty_object(error);
    default:
        return true;
    }
}

jv sm_message_choice(jv root)
{
    jv choices = sm_json_get(root, "choices"), choice = jv_invalid();
    int n = jv_get_kind(choices) == JV_KIND_ARRAY ? jv_array_length(jv_copy(choices)) : 0;
    for (int i = 0; i < n; i++) {
        choice = jv_array_get(jv_copy(choices), i);
        if (sm_json_number(choice, "index", 0) == 0)
            break;
        jv_free(choice);
        choice = jv_invalid();
    }
    jv_free(choices);
    return choice;
}
