/* Most rows are a question and two replies, all texts, and columns that mean nothing to the format.
 * They need no program; what is made of them here is what row_pairs of common.jq makes. */
#include "lib/data/internal/plain.h"

#include "lib/json/json.h"

#include <string.h>

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* A text that is one whole turn: no JSON, and no transcript of several. */
static bool is_text(const char *text)
{
    return text && *text && *text != '[' && *text != '{' && !begins(text, "Human:") &&
           !begins(text, "\n\nHuman:");
}

/* The columns that we read here. */
static bool is_own(const char *name)
{
    static const char *const own[] = {"prompt",  "context", "chosen",         "rejected",
                                      "user_id", "id",      "conversation_id"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (strcmp(name, own[i]) == 0)
            return true;
    }
    return false;
}

/* Whether no column but our own means anything, and no cell looks like JSON. */
static bool has_own_alone(jv row, jv known)
{
    bool alone = true;
    jv_object_foreach(row, key, value)
    {
        const char *text = jv_get_kind(value) == JV_KIND_STRING ? jv_string_value(value) : "";
        alone = alone && *text != '[' && *text != '{' &&
                (is_own(jv_string_value(key)) || !jv_object_has(jv_copy(known), jv_copy(key)));
        jv_free(key);
        jv_free(value);
    }
    return alone;
}

static jv turn(const char *role, jv text)
{
    return jv_object_set(jv_object_set(jv_object(), jv_string("role"), jv_string(role)),
                         jv_string("content"), text);
}

static bool is_true(jv value)
{
    jv_kind kind = jv_get_kind(value);
    jv_free(value);
    return kind != JV_KIND_INVALID && kind != JV_KIND_NULL && kind != JV_KIND_FALSE;
}

/* `id` is the conversation's, where that has none of its own. */
static jv name_conversation(jv row)
{
    jv id = sm_json_get(row, "id");
    if (jv_is_valid(id) && jv_get_kind(id) != JV_KIND_NULL &&
        !is_true(sm_json_get(row, "conversation_id")))
        return jv_object_set(jv_object_delete(row, jv_string("id")), jv_string("conversation_id"),
                             id);
    jv_free(id);
    return row;
}

bool sm_plain_pair(jv *row, jv known, const char *dataset)
{
    const char *prompt = sm_json_text(*row, "prompt", NULL);
    const char *context = sm_json_text(*row, "context", NULL);
    const char *chosen = sm_json_text(*row, "chosen", NULL);
    const char *rejected = sm_json_text(*row, "rejected", NULL);
    const char *user = sm_json_text(*row, "user_id", NULL), *asked = prompt ? prompt : context;
    const char *name = prompt ? "prompt" : "context", *other = prompt ? "context" : "prompt";
    jv none = sm_json_get(*row, other);
    bool plain = !jv_is_valid(none) && is_text(asked) && is_text(chosen) && is_text(rejected) &&
                 !begins(chosen, asked) && (!user || *user) && has_own_alone(*row, known);
    jv_free(none);
    if (!plain)
        return false;
    jv question = jv_object_get(jv_copy(*row), jv_string(name));
    jv made = name_conversation(jv_object_delete(*row, jv_string(name)));
    made = jv_object_set(made, jv_string("context"), JV_ARRAY(turn("user", question)));
    made = jv_object_set(made, jv_string("chosen"),
                         turn("assistant", jv_object_get(jv_copy(made), jv_string("chosen"))));
    made = jv_object_set(made, jv_string("rejected"),
                         turn("assistant", jv_object_get(jv_copy(made), jv_string("rejected"))));
    if (dataset)
        made = jv_object_set(made, jv_string("dataset"), jv_string(dataset));
    *row = made;
    return true;
}
