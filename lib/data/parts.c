#include "lib/data/parts.h"

#include "lib/base/buf.h"
#include "lib/json/json.h"

#include <string.h>
#include <strings.h>

#define REMEDY                                                                                     \
    "judges see text alone: --text-only leaves out what is no text, and counts it; or leave out "  \
    "the row"

struct parts {
    bool text_only;
    size_t left_out;
    const char *where; /* the member of the pair that is looked at */
    struct sm_err *err;
};

/* The text of a part: a string, or an object with one. Borrowed; NULL if it is something else. */
static const char *text_of(jv part, size_t *len)
{
    const char *type = sm_json_text(part, "type", NULL);
    if (jv_get_kind(part) == JV_KIND_STRING) {
        *len = (size_t)jv_string_length_bytes(jv_copy(part));
        return jv_string_value(part);
    }
    return !type || strcmp(type, "text") == 0 || strcmp(type, "input_text") == 0 ||
                   strcmp(type, "output_text") == 0
               ? sm_json_text(part, "text", len)
               : NULL;
}

/* Some exporters write all members that any part has, null where this one has none. */
static bool is_nothing(jv part)
{
    bool nothing = jv_get_kind(part) == JV_KIND_NULL || jv_get_kind(part) == JV_KIND_OBJECT;
    jv keys = nothing && jv_get_kind(part) == JV_KIND_OBJECT ? jv_keys(jv_copy(part)) : jv_array();
    for (int i = 0; nothing && i < jv_array_length(jv_copy(keys)); i++) {
        jv key = jv_array_get(jv_copy(keys), i), value = sm_json_get(part, jv_string_value(key));
        nothing = strcmp(jv_string_value(key), "type") == 0 || jv_get_kind(value) == JV_KIND_NULL;
        jv_free(key);
        jv_free(value);
    }
    jv_free(keys);
    return nothing;
}

static bool refuse(struct parts *parts, jv part)
{
    const char *type = sm_json_text(part, "type", NULL);
    return sm_err_set(parts->err, SM_EXIT_PARTIAL, REMEDY, "`%s` holds %s%.40s, which is no text",
                      parts->where, type ? "a part of type " : "something", type ? type : "");
}

/* Consumes the list. Invalid if it holds something that is refused. */
static jv join(struct parts *parts, jv list)
{
    struct sm_buf text = {0};
    bool ok = true;
    int n = jv_array_length(jv_copy(list));
    for (int i = 0; ok && i < n; i++) {
        jv part = jv_array_get(jv_copy(list), i);
        size_t len = 0;
        const char *said = text_of(part, &len);
        if (said)
            sm_buf_add(&text, said, len);
        else if (parts->text_only)
            parts->left_out++;
        else
            ok = is_nothing(part) || refuse(parts, part);
        jv_free(part);
    }
    jv_free(list);
    jv joined = ok ? jv_string_sized(sm_buf_text(&text), (int)text.len) : jv_invalid();
    sm_buf_release(&text);
    return joined;
}

/* Consumes a turn, a list of turns, or anything else, which stays. Invalid if it is refused. */
static jv to_text(struct parts *parts, jv value)
{
    if (jv_get_kind(value) == JV_KIND_ARRAY) {
        int n = jv_array_length(jv_copy(value));
        for (int i = 0; i < n; i++) {
            jv item = to_text(parts, jv_array_get(jv_copy(value), i));
            if (!jv_is_valid(item)) {
                jv_free(value);
                return item;
            }
            value = jv_array_set(value, i, item);
        }
        return value;
    }
    jv content = sm_json_get(value, "content");
    if (jv_get_kind(content) != JV_KIND_ARRAY) {
        jv_free(content);
        return value;
    }
    jv joined = join(parts, content);
    if (jv_is_valid(joined))
        return jv_object_set(value, jv_string("content"), joined);
    jv_free(value);
    return joined;
}

static bool is_empty(jv value)
{
    switch (jv_get_kind(value)) {
    case JV_KIND_STRING:
        return jv_string_length_bytes(jv_copy(value)) == 0;
    case JV_KIND_ARRAY:
        return jv_array_length(jv_copy(value)) == 0;
    case JV_KIND_OBJECT:
        return is_nothing(value);
    default:
        return true; /* none, null, or a flag or count of them */
    }
}

/* Whether a column is called like what holds a picture or a sound, or says where one is: image,
 * Images, audio_path. */
static bool is_part_name(const char *name)
{
    static const char *const kinds[] = {"image", "audio", "video"};
    static const char *const ends[] = {"",       "_url",  "_urls",  "_path",
                                       "_paths", "_file", "_files", "_base64"};
    const char *rest = NULL;
    for (size_t i = 0; !rest && i < sizeof kinds / sizeof *kinds; i++)
        rest = strncasecmp(name, kinds[i], 5) == 0 ? name + 5 : NULL;
    if (!rest)
        return false;
    rest += *rest == 's' || *rest == 'S';
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (strcasecmp(rest, ends[i]) == 0)
            return true;
    }
    return false;
}

/* Takes a column out, or refuses the pair. */
static jv without_column(struct parts *parts, jv pair, jv key)
{
    jv value = sm_json_get(pair, jv_string_value(key));
    bool empty = is_empty(value);
    jv_free(value);
    if (empty)
        return pair;
    if (parts->text_only) {
        parts->left_out++;
        return jv_object_delete(pair, jv_copy(key));
    }
    sm_err_set(parts->err, SM_EXIT_PARTIAL, REMEDY, "column `%s` holds something that is no text",
               jv_string_value(key));
    jv_free(pair);
    return jv_invalid();
}

/* Columns beside the texts. */
static jv without_columns(struct parts *parts, jv pair)
{
    jv columns = jv_copy(pair);
    jv_object_foreach(columns, key, value)
    {
        if (jv_is_valid(pair) && is_part_name(jv_string_value(key)))
            pair = without_column(parts, pair, key);
        jv_free(key);
        jv_free(value);
    }
    jv_free(columns);
    return pair;
}

jv sm_parts_to_text(jv pair, bool text_only, size_t *left_out, struct sm_err *err)
{
    static const char *const texts[] = {"context", "chosen", "rejected",
                                        "first",   "second", "candidates"};
    struct parts parts = {.text_only = text_only, .err = err};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        jv value = sm_json_get(pair, texts[i]);
        jv_kind kind = jv_get_kind(value);
        if (kind != JV_KIND_ARRAY && kind != JV_KIND_OBJECT) {
            jv_free(value);
            continue;
        }
        parts.where = texts[i];
        value = to_text(&parts, value);
        if (!jv_is_valid(value)) {
            jv_free(pair);
            return value;
        }
        pair = jv_object_set(pair, jv_string(texts[i]), value);
    }
    pair = without_columns(&parts, pair);
    *left_out = parts.left_out;
    return pair;
}
