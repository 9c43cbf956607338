/* Tables that stand in one JSON object, as pandas writes them unless it is told orient="records":
 * they are no rows, and a reader of rows would see one where there are many. */
#include "cmd/import/import.h"

#include "lib/json/json.h"

#include <ctype.h>

#define MEMBERS_MIN 3 /* a question and two replies */

/* What each kind is called, and the jq program that makes rows of it. */
static const struct kind {
    const char *what, *program;
} lists = {"a table by columns, each a list",
           ". as $t | range(.[keys_unsorted[0]] | length) as $i | $t | map_values(.[$i])"},
  columns = {"a table by columns, each an object by row (orient=\"columns\" of pandas)",
             ". as $t | .[keys_unsorted[0]] | keys_unsorted[] as $i | $t | map_values(.[$i])"},
  index_of = {"an object of rows by number (orient=\"index\" of pandas)", ".[]"},
  split = {"a table of `columns` and `data` (orient=\"split\" of pandas)",
           ".columns as $c | .data[] | [$c, .] | transpose | map({(.[0]): .[1]}) | add"};

static bool is_number(const char *text)
{
    size_t digits = 0;
    while (isdigit((unsigned char)text[digits]))
        digits++;
    return digits > 0 && text[digits] == '\0';
}

/* Whether all names of an object are numbers, and there is one. */
static bool has_numbers(jv object)
{
    jv keys = jv_keys(jv_copy(object));
    int n = jv_array_length(jv_copy(keys));
    bool all = n > 0;
    for (int i = 0; all && i < n; i++) {
        jv key = jv_array_get(jv_copy(keys), i);
        all = is_number(jv_string_value(key));
        jv_free(key);
    }
    jv_free(keys);
    return all;
}

/* Whether a list holds anything but turns: texts, numbers, or lists. */
static bool is_of_cells(jv list)
{
    bool is = jv_array_length(jv_copy(list)) > 1;
    for (int i = 0; is && i < jv_array_length(jv_copy(list)); i++) {
        jv item = jv_array_get(jv_copy(list), i);
        is = jv_get_kind(item) != JV_KIND_OBJECT;
        jv_free(item);
    }
    return is;
}

/* What all members are: lists of the same length, or objects by number; NULL: neither. */
static const struct kind *of_members(jv row)
{
    size_t of_lists = 0, of_objects = 0, members = 0;
    int length = -1;
    jv_object_foreach(row, key, value)
    {
        jv_kind kind = jv_get_kind(value);
        members++;
        if (kind == JV_KIND_ARRAY && is_of_cells(value)) {
            int n = jv_array_length(jv_copy(value));
            of_lists += length < 0 || n == length;
            length = n;
        }
        of_objects += kind == JV_KIND_OBJECT && has_numbers(value);
        jv_free(key);
        jv_free(value);
    }
    if (members < MEMBERS_MIN)
        return NULL;
    return of_lists == members ? &lists : of_objects == members ? &columns : NULL;
}

static bool all_objects(jv row)
{
    bool all = true;
    jv_object_foreach(row, key, value)
    {
        all = all && jv_get_kind(value) == JV_KIND_OBJECT;
        jv_free(key);
        jv_free(value);
    }
    return all;
}

/* Whether `columns` is a list of texts and `data` one of lists. */
static bool is_split(jv row)
{
    jv names = sm_json_get(row, "columns"), data = sm_json_get(row, "data"), first = jv_invalid();
    bool is = jv_get_kind(names) == JV_KIND_ARRAY && jv_get_kind(data) == JV_KIND_ARRAY;
    if (is) {
        jv_free(first);
        first = jv_array_get(jv_copy(data), 0);
        is = jv_get_kind(first) == JV_KIND_ARRAY;
    }
    jv_free(first);
    jv_free(names);
    jv_free(data);
    return is;
}

static const struct kind *kind_of(jv row)
{
    if (is_split(row))
        return &split;
    return has_numbers(row) && all_objects(row) ? &index_of : of_members(row);
}

bool import_turned(struct importer *importer, jv row, size_t line)
{
    const struct kind *kind = kind_of(row);
    struct sm_err err = {0};
    struct sm_buf remedy = {0};
    if (!kind || importer->set.map)
        return false;
    importer->bad++;
    sm_buf_printf(&remedy, "make rows of it: jq -c '%s' FILE | sm-import ...", kind->program);
    sm_err_set(&err, SM_EXIT_INPUT, remedy.data, "%s:%zu: this is %s, not a row", importer->source,
               line, kind->what);
    sm_buf_release(&remedy);
    import_fail(importer, &err);
    return true;
}
