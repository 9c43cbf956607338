/* Rows on their way to the format: unwrapped, columns renamed, groups gathered. */
#include "cmd/import/import.h"

#include "lib/json/json.h"

/* Removes cells that the server cut short. False: the pair needs one of them, the row is useless.
 */
static bool remove_cut(struct importer *importer, jv *row, jv cut, size_t line)
{
    struct sm_buf which = {0};
    struct sm_err err = {0};
    int n = jv_get_kind(cut) == JV_KIND_ARRAY ? jv_array_length(jv_copy(cut)) : 0;
    bool needed = n > 0 && sm_format_needs(importer->format, cut, &which);
    for (int i = 0; i < n; i++) {
        jv name = jv_array_get(jv_copy(cut), i);
        const char *text = jv_get_kind(name) == JV_KIND_STRING ? jv_string_value(name) : "";
        if (!needed)
            sm_buf_printf(&which, "%s`%s`", i ? ", " : "", text);
        *row = jv_object_delete(*row, jv_string(text));
        jv_free(name);
    }
    if (n > 0) {
        sm_err_set(&err, SM_EXIT_PARTIAL, "import this row from the dataset's own file",
                   "the server cut %s short: %s", sm_buf_text(&which),
                   needed ? "row skipped" : "left out of the pair");
        import_bad(importer, line, &err);
    }
    sm_buf_release(&which);
    return !needed;
}

/* Takes a row out of the server's {row_idx, row, truncated_cells}. False: it cannot be used. */
static bool unwrap(struct importer *importer, jv *row, size_t *line)
{
    jv inner = sm_json_get(*row, "row"), cut = sm_json_get(*row, "truncated_cells");
    int64_t index;
    bool ok = true;
    if (sm_json_integer(*row, "row_idx", 0, SM_INTEGER_MAX, &index) &&
        jv_get_kind(inner) == JV_KIND_OBJECT) {
        if (importer->unit[0] != ':')
            *line = (size_t)index;
        jv_free(*row);
        *row = jv_copy(inner);
        ok = remove_cut(importer, row, cut, *line);
    }
    jv_free(inner);
    jv_free(cut);
    return ok;
}

/* Follows --columns, all at once, so that two columns can swap names. The one that is missing, or
 * NULL. */
static const char *rename_columns(const struct importer *importer, jv *row)
{
    const char *missing = NULL;
    jv values = jv_array();
    for (size_t i = 0; i < importer->column_count; i++) {
        jv value = sm_json_get(*row, importer->columns[i].from);
        if (!jv_is_valid(value))
            missing = importer->columns[i].from;
        values = jv_array_append(values, jv_is_valid(value) ? value : jv_null());
    }
    for (size_t i = 0; !missing && i < importer->column_count; i++)
        *row = jv_object_delete(*row, jv_string(importer->columns[i].from));
    for (size_t i = 0; !missing && i < importer->column_count; i++)
        *row = jv_object_set(*row, jv_string(importer->columns[i].to),
                             jv_array_get(jv_copy(values), (int)i));
    jv_free(values);
    return missing;
}

/* Gives the row's column `key` the name that the format has for it, if it has one that differs in
 * case alone. False with `err` if another column has got it already. */
static bool respell_column(const struct importer *importer, jv was, jv key, jv *row,
                           struct sm_err *err)
{
    const char *name = jv_string_value(key), *own;
    if (sm_format_knows(importer->format, name) ||
        !(own = sm_format_spelling(importer->format, name)) ||
        jv_object_has(jv_copy(was), jv_string(own)))
        return true;
    if (jv_object_has(jv_copy(*row), jv_string(own)))
        return sm_err_set(err, SM_EXIT_PARTIAL, "say which with --columns",
                          "column `%s` and another may both be `%s`", name, own);
    jv value = jv_object_get(jv_copy(*row), jv_copy(key));
    *row = jv_object_set(jv_object_delete(*row, jv_copy(key)), jv_string(own), value);
    return true;
}

/* Columns that the format reads under a name which differs in case alone get that name. Most rows
 * have the same columns as the last one. */
static bool respell(struct importer *importer, jv *row, struct sm_err *err)
{
    jv keys = jv_keys(jv_copy(*row)), was = jv_copy(*row);
    int n = jv_array_length(jv_copy(keys));
    bool known =
             jv_is_valid(importer->spelled) && jv_equal(jv_copy(importer->spelled), jv_copy(keys)),
         ok = true;
    for (int i = 0; !known && ok && i < n; i++) {
        jv key = jv_array_get(jv_copy(keys), i);
        ok = respell_column(importer, was, key, row, err);
        jv_free(key);
    }
    bool same = ok && jv_identical(jv_copy(was), jv_copy(*row));
    if (same && !known) {
        jv_free(importer->spelled);
        importer->spelled = jv_copy(keys);
    }
    jv_free(keys);
    jv_free(was);
    return ok;
}

static void flush_group(struct importer *importer)
{
    struct import_group *group = &importer->group;
    if (!jv_is_valid(group->key))
        return;
    jv rows = group->rows;
    jv_free(group->key);
    group->key = group->rows = jv_invalid();
    import_convert(importer, rows, group->lines, group->count);
    group->count = 0;
}

/* Only consecutive rows form a group. One that comes back later loses the pairs across its pieces.
 */
static void warn_scattered(struct importer *importer, jv key, size_t line)
{
    struct sm_buf text = {0};
    struct sm_err err = {0};
    bool known;
    sm_json_value(&text, key);
    sm_string_set_add(importer->groups, text.data, &known);
    if (known) {
        sm_err_set(&err, SM_EXIT_PARTIAL, "bring rows that belong together one after another",
                   "other rows of %.80s came before, and others in between: pairs across them are "
                   "missed",
                   text.data);
        import_bad(importer, line, &err);
    }
    sm_buf_release(&text);
}

static void gather(struct importer *importer, jv key, jv row, size_t line)
{
    struct import_group *group = &importer->group;
    if (!jv_is_valid(group->key) || !jv_equal(jv_copy(group->key), jv_copy(key))) {
        flush_group(importer);
        warn_scattered(importer, key, line);
        group->key = jv_copy(key);
        group->rows = jv_array();
    }
    group->rows = jv_array_append(group->rows, row);
    group->lines = sm_grow(group->lines, group->count, &group->room, sizeof *group->lines);
    group->lines[group->count++] = line;
    jv_free(key);
}

/* How many of the row's columns the format reads. */
static size_t known_columns(const struct importer *importer, jv row)
{
    size_t known = 0;
    jv keys = jv_keys(jv_copy(row));
    for (int i = 0; i < jv_array_length(jv_copy(keys)); i++) {
        jv key = jv_array_get(jv_copy(keys), i);
        known += sm_format_knows(importer->format, jv_string_value(key));
        jv_free(key);
    }
    jv_free(keys);
    return known;
}

/* Imports a row, which it consumes. False: the rest of the source is given up, as reported. */
static bool take_row(struct importer *importer, jv row, size_t line)
{
    struct sm_err err = {0};
    struct sm_buf missing = {0};
    jv key;
    importer->rows++;
    if (!unwrap(importer, &row, &line)) {
        jv_free(row);
        return true;
    }
    const char *named = rename_columns(importer, &row);
    if (!respell(importer, &row, &err)) {
        import_bad(importer, line, &err);
        jv_free(row);
        return true;
    }
    if (named)
        sm_buf_printf(&missing, "`%s` (of --columns)", named);
    if (named || sm_format_missing(importer->format, row, &missing)) {
        bool go_on = import_misfit(importer, row, line, missing.data);
        sm_buf_release(&missing);
        jv_free(row);
        return go_on;
    }
    if (importer->trial && !importer->fits)
        importer->trial->known = known_columns(importer, row);
    importer->fits = true;
    row = import_cells(importer, row, line, &err);
    if (!jv_is_valid(row)) {
        import_bad(importer, line, &err);
        return true;
    }
    if (!sm_format_key(importer->format, row, &key, &err)) {
        import_bad(importer, line, &err);
        jv_free(row);
    } else if (jv_get_kind(key) == JV_KIND_NULL) {
        jv_free(key);
        flush_group(importer);
        import_convert(importer, row, &line, 1);
    } else {
        gather(importer, key, row, line);
    }
    return !importer->app->output.broken;
}

/* Whether this is the first line of a cached dataset, see sm_hf_cache_path(). */
static bool is_cache_head(jv row)
{
    jv head = sm_json_get(row, "pages");
    bool is = jv_object_length(jv_copy(row)) == 1 && sm_json_text(head, "dataset", NULL);
    jv_free(head);
    return is;
}

/* The rest of the source cannot be read. With a dataset no row is to blame. */
static void fail_source(struct importer *importer, size_t line, struct sm_err *err)
{
    importer->bad++;
    if (importer->unit[0] == ':')
        sm_err_prefix(err, "%s:%zu", importer->source, line);
    else
        sm_err_prefix(err, "%s", importer->source);
    import_fail(importer, err);
}

/* What the reader had to change in the row. */
static void count_changes(struct importer *importer, struct sm_rows *rows, size_t line)
{
    jv changed = sm_rows_changed(rows);
    int n = jv_array_length(jv_copy(changed));
    for (int i = 0; i < n; i++) {
        jv reason = jv_array_get(jv_copy(changed), i);
        import_count(importer, &importer->changed, jv_string_value(reason), line);
        jv_free(reason);
    }
}

void import_rows(struct importer *importer, struct sm_rows *rows)
{
    struct sm_err err = {0};
    enum sm_read what;
    jv row;
    bool go_on = true, first = true;
    importer->fits = importer->explained = false;
    importer->misfits = 0;
    importer->reading = rows;
    jv_free(importer->spelled);
    importer->spelled = jv_invalid();
    while (go_on && !(importer->trial && importer->rows >= IMPORT_TRIAL_ROWS) &&
           (what = sm_rows_next(rows, &row, &err)) != SM_READ_END) {
        size_t line = sm_rows_line(rows);
        if (what == SM_READ_LINE && first && is_cache_head(row)) {
            jv_free(row);
        } else if (what == SM_READ_LINE && first && import_turned(importer, row, line)) {
            jv_free(row);
            go_on = false;
        } else if (what == SM_READ_LINE) {
            count_changes(importer, rows, line);
            go_on = take_row(importer, row, line);
        } else if (what == SM_READ_FAIL) {
            fail_source(importer, line, &err);
        } else {
            importer->rows++;
            importer->misfits++;
            import_bad(importer, line, &err);
            go_on = import_goes_on(importer);
        }
        first = false;
    }
    flush_group(importer);
    importer->reading = NULL;
}

static void note_file(void *arg, const char *text)
{
    struct importer *importer = arg;
    if (!importer->trial)
        app_note(importer->app, "%s: %s", importer->source, text);
}

/* Tells the reader how rows are to be told from what wraps them. */
static void expect_columns(const struct importer *importer, struct sm_rows *rows)
{
    jv names = sm_format_columns(importer->format);
    for (size_t i = 0; i < importer->column_count; i++)
        names = jv_array_append(names, jv_string(importer->columns[i].from));
    sm_rows_expect(rows, names);
}

void import_file(struct importer *importer, const char *name)
{
    struct sm_err err = {0};
    importer->source = importer->trial          ? importer->trial->name
                       : strcmp(name, "-") == 0 ? "stdin"
                                                : name;
    importer->unit = ":";
    app_tell_terminal(importer->app, name);
    struct sm_rows *rows = sm_rows_open(name, sm_format_reads(importer->format), NULL, NULL, &err);
    if (rows) {
        sm_rows_on_note(rows, note_file, importer);
        expect_columns(importer, rows);
        import_rows(importer, rows);
    } else {
        sm_err_prefix(&err, "%s", name);
        import_fail(importer, &err);
    }
    sm_rows_close(rows);
}
