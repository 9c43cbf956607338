/* The texts of a pair on their way into a record: what no judge can see, and who speaks. */
#include "cmd/import/import.h"

#include "lib/base/mem.h"
#include "lib/data/parts.h"
#include "lib/data/python_literal.h"
#include "lib/json/json.h"

static bool is_known_role(const char *role)
{
    static const char *const known[] = {"user", "assistant", "system", "tool"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(role, known[i]) == 0)
            return true;
    }
    return false;
}

/* Prompts show the turns of other roles as material. That is told, since a role may be a slip. */
static void count_roles(struct importer *importer, jv value, size_t line)
{
    if (jv_get_kind(value) == JV_KIND_ARRAY) {
        int n = jv_array_length(jv_copy(value));
        for (int i = 0; i < n; i++) {
            jv item = jv_array_get(jv_copy(value), i);
            count_roles(importer, item, line);
            jv_free(item);
        }
        return;
    }
    const char *role = sm_json_text(value, "role", NULL);
    if (role && !is_known_role(role)) {
        struct sm_buf what = {0};
        sm_buf_printf(&what, "turns of role %.40s, which prompts show as material", role);
        import_count(importer, &importer->changed, what.data, line);
        sm_buf_release(&what);
    }
}

/* Takes the list `changed` out of what the format made. */
static jv count_changed(struct importer *importer, jv made, size_t line)
{
    jv changed = sm_json_get(made, "changed");
    bool ours = jv_get_kind(changed) == JV_KIND_ARRAY;
    int n = ours ? jv_array_length(jv_copy(changed)) : 0;
    for (int i = 0; i < n; i++) {
        jv reason = jv_array_get(jv_copy(changed), i);
        if (jv_get_kind(reason) == JV_KIND_STRING)
            import_count(importer, &importer->changed, jv_string_value(reason), line);
        jv_free(reason);
    }
    jv_free(changed);
    return ours ? jv_object_delete(made, jv_string("changed")) : made;
}

/* Whether it is what R, pandas and spreadsheets write where there is no value. */
static bool is_no_value(const char *text)
{
    static const char *const none[] = {"NA",  "N/A",  "#N/A", "<NA>", "NaN",
                                       "nan", "None", "none", "null", "NULL"};
    bool is = false;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        is = is || strcmp(text, none[i]) == 0;
    return is;
}

/* A reply may be empty, or just NA, but mostly it is missing then; and one of another role may be
 * no reply. That is told. */
static void count_doubts(struct importer *importer, jv reply, size_t line)
{
    const char *text = sm_json_text(reply, "content", NULL);
    const char *role = sm_json_text(reply, "role", NULL);
    struct sm_buf what = {0};
    if (role && is_known_role(role) && strcmp(role, "assistant") != 0) {
        sm_buf_printf(&what, "replies by the %s", role);
        import_count(importer, &importer->changed, what.data, line);
        sm_buf_clear(&what);
    }
    if (text && text[strspn(text, " \t\r\n")] == '\0')
        sm_buf_str(&what, "empty replies kept");
    else if (text && is_no_value(text))
        sm_buf_printf(&what, "replies `%s`, which may mean that there is none, kept", text);
    if (what.len)
        import_count(importer, &importer->changed, what.data, line);
    sm_buf_release(&what);
}

/* The same for who chose. */
static void count_user(struct importer *importer, jv made, size_t line)
{
    const char *user = sm_json_text(made, "user_id", NULL);
    struct sm_buf what = {0};
    if (user && is_no_value(user)) {
        sm_buf_printf(&what, "choices of a user called `%s`, which may mean that nobody is named",
                      user);
        import_count(importer, &importer->changed, what.data, line);
    }
    sm_buf_release(&what);
}

bool import_same(jv made)
{
    jv chosen = sm_json_get(made, "chosen"), rejected = sm_json_get(made, "rejected");
    bool same = jv_is_valid(chosen) && jv_equal(jv_copy(chosen), jv_copy(rejected));
    jv_free(chosen);
    jv_free(rejected);
    return same;
}

jv import_texts(struct importer *importer, jv made, size_t line, struct sm_err *err)
{
    static const char *const texts[] = {"context", "chosen", "rejected", "first", "second"};
    size_t left_out = 0;
    made = sm_parts_to_text(made, importer->set.text_only, &left_out, err);
    if (!jv_is_valid(made))
        return made;
    while (left_out-- > 0)
        import_count(importer, &importer->changed, "parts that are no text left out", line);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        jv value = sm_json_get(made, texts[i]);
        count_roles(importer, value, line);
        if (i > 0) /* a reply */
            count_doubts(importer, value, line);
        jv_free(value);
    }
    count_user(importer, made, line);
    return count_changed(importer, made, line);
}

/* Whether a value is a list of turns or of texts: what else Python's text of a list tells is a
 * reply that is about lists. */
static bool is_of_turns(jv list)
{
    int n = jv_get_kind(list) == JV_KIND_ARRAY ? jv_array_length(jv_copy(list)) : 0;
    bool is = n > 0;
    for (int i = 0; is && i < n; i++) {
        jv item = jv_array_get(jv_copy(list), i);
        is = jv_get_kind(item) == JV_KIND_STRING || sm_json_text(item, "role", NULL) ||
             sm_json_text(item, "from", NULL) || sm_json_text(item, "speaker", NULL);
        jv_free(item);
    }
    return is;
}

/* A list of texts may be several replies, or one reply that is such a list: it is told. */
static bool is_of_texts(jv list)
{
    int n = jv_get_kind(list) == JV_KIND_ARRAY ? jv_array_length(jv_copy(list)) : 0;
    bool is = n > 0;
    for (int i = 0; is && i < n; i++) {
        jv item = jv_array_get(jv_copy(list), i);
        is = jv_get_kind(item) == JV_KIND_STRING;
        jv_free(item);
    }
    return is;
}

/* Consumes `cell`. */
static jv mend_cell(struct importer *importer, const char *column, jv cell, size_t line,
                    struct sm_err *err)
{
    const char *text = jv_string_value(cell);
    size_t len = (size_t)jv_string_length_bytes(jv_copy(cell));
    struct sm_buf json = {0};
    struct sm_err none = {0};
    jv value;
    if (sm_json_parse(text, len, &value, &none)) {
        if (is_of_texts(value))
            import_count(importer, &importer->changed, "cells with a list of texts read as several",
                         line);
        jv_free(value);
    } else if (!sm_python_literal_json(text, len, &json)) {
        if (*text == '[' && sm_python_literal_begins(text, len))
            sm_err_set(err, SM_EXIT_PARTIAL,
                       "write lists into cells as JSON, with Python by json.dumps()",
                       "the cell of `%s` begins as the text that Python makes of a list, but "
                       "cannot be read to its end",
                       column);
    } else if (sm_json_parse(json.data, json.len, &value, &none)) {
        if (is_of_turns(value)) {
            jv_free(cell);
            cell = jv_string_sized(json.data, (int)json.len);
            import_count(importer, &importer->changed, "cells with the text of a Python list read",
                         line);
        }
        jv_free(value);
    }
    sm_err_clear(&none);
    sm_buf_release(&json);
    return cell;
}

jv import_cells(struct importer *importer, jv row, size_t line, struct sm_err *err)
{
    jv keys = jv_keys(jv_copy(row));
    int n = jv_array_length(jv_copy(keys));
    for (int i = 0; i < n && !err->message; i++) {
        jv key = jv_array_get(jv_copy(keys), i);
        jv cell = jv_object_get(jv_copy(row), jv_copy(key));
        const char *text = jv_get_kind(cell) == JV_KIND_STRING ? jv_string_value(cell) : "";
        if ((*text == '[' || *text == '(') &&
            sm_format_knows(importer->format, jv_string_value(key)))
            row = jv_object_set(row, jv_copy(key),
                                mend_cell(importer, jv_string_value(key), cell, line, err));
        else
            jv_free(cell);
        jv_free(key);
    }
    jv_free(keys);
    if (!err->message)
        return row;
    jv_free(row);
    return jv_invalid();
}
