/* The columns that a format reads, by any of their names. */
#include "lib/data/internal/format.h"

#include "lib/json/json.h"

#include <ctype.h>
#include <string.h>

#define NAMES_SHOWN 8 /* of the alternatives to a column that is missing */

/* A column as a list of its names. */
static jv alternatives(jv columns, int i)
{
    jv column = jv_array_get(jv_copy(columns), i);
    return jv_get_kind(column) == JV_KIND_STRING ? JV_ARRAY(column) : column;
}

/* A name without case, with underscores for what else stands between words. */
static jv plain_name(const char *name)
{
    struct sm_buf plain = {0};
    name += strspn(name, " ");
    for (; *name; name++) {
        int c = *name == ' ' || *name == '-' ? '_' : tolower((unsigned char)*name);
        sm_buf_char(&plain, (char)c);
    }
    while (plain.len && plain.data[plain.len - 1] == '_')
        plain.data[--plain.len] = '\0';
    jv text = jv_string(sm_buf_text(&plain));
    sm_buf_release(&plain);
    return text;
}

void sm_format_list_names(struct sm_format *format)
{
    jv lists[] = {format->columns, format->known};
    format->names = jv_object();
    format->spellings = jv_object();
    for (size_t k = 0; k < 2; k++) {
        for (int i = 0; i < jv_array_length(jv_copy(lists[k])); i++) {
            jv names = alternatives(lists[k], i);
            for (int j = 0; j < jv_array_length(jv_copy(names)); j++) {
                jv name = jv_array_get(jv_copy(names), j);
                format->names = jv_object_set(format->names, jv_copy(name), jv_true());
                format->spellings = jv_object_set(format->spellings,
                                                  plain_name(jv_string_value(name)), jv_copy(name));
                jv_free(name);
            }
            jv_free(names);
        }
    }
}

/* Whether `row` has the column; null counts as missing. */
static bool has_column(jv row, jv name)
{
    jv value = sm_json_get(row, jv_string_value(name));
    jv_kind kind = jv_get_kind(value);
    jv_free(value);
    return kind != JV_KIND_INVALID && kind != JV_KIND_NULL;
}

/* Whether `row` has the column under any of `names` (borrowed). */
static bool has_any(jv row, jv names)
{
    int n = jv_array_length(jv_copy(names));
    bool any = false;
    for (int i = 0; !any && i < n; i++) {
        jv name = jv_array_get(jv_copy(names), i);
        any = has_column(row, name);
        jv_free(name);
    }
    return any;
}

static void write_names(jv names, struct sm_buf *out)
{
    int n = jv_array_length(jv_copy(names));
    for (int i = 0; i < n && i < NAMES_SHOWN; i++) {
        jv name = jv_array_get(jv_copy(names), i);
        sm_buf_printf(out, "%s`%s`", i == 0 ? "" : i == 1 ? " (or " : ", ", jv_string_value(name));
        jv_free(name);
    }
    if (n > 1)
        sm_buf_str(out, n > NAMES_SHOWN ? ", …)" : ")");
}

bool sm_format_missing(const struct sm_format *format, jv row, struct sm_buf *what)
{
    int n = jv_array_length(jv_copy(format->columns));
    bool missing = false;
    for (int i = 0; i < n && !missing; i++) {
        jv names = alternatives(format->columns, i);
        missing = !has_any(row, names);
        if (missing)
            write_names(names, what);
        jv_free(names);
    }
    return missing;
}

/* Whether `name` (borrowed) is among `columns`, or the alternatives to one of them. */
static bool is_column(jv columns, jv name)
{
    int n = jv_array_length(jv_copy(columns));
    bool found = false;
    for (int i = 0; !found && i < n; i++) {
        jv names = alternatives(columns, i);
        for (int k = 0; !found && k < jv_array_length(jv_copy(names)); k++)
            found = jv_equal(jv_array_get(jv_copy(names), k), jv_copy(name));
        jv_free(names);
    }
    return found;
}

bool sm_format_knows(const struct sm_format *format, const char *name)
{
    return jv_object_has(jv_copy(format->names), jv_string(name));
}

const char *sm_format_spelling(const struct sm_format *format, const char *name)
{
    jv spelling = jv_object_get(jv_copy(format->spellings), plain_name(name));
    const char *own = jv_get_kind(spelling) == JV_KIND_STRING ? jv_string_value(spelling) : NULL;
    jv_free(spelling); /* the format holds it too */
    return own;
}

bool sm_format_needs(const struct sm_format *format, jv names, struct sm_buf *which)
{
    int n = jv_array_length(jv_copy(names));
    bool any = false;
    for (int i = 0; i < n; i++) {
        jv name = jv_array_get(jv_copy(names), i);
        bool needed = is_column(format->columns, name);
        if (needed)
            sm_buf_printf(which, "%s`%s`", any ? ", " : "", jv_string_value(name));
        any |= needed;
        jv_free(name);
    }
    return any;
}

jv sm_format_columns(const struct sm_format *format)
{
    jv all = jv_array();
    for (int i = 0; i < jv_array_length(jv_copy(format->columns)); i++)
        all = jv_array_concat(all, alternatives(format->columns, i));
    return all;
}
