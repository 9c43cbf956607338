/* Rows that lack what the format needs: what is missing, and what may have been meant. */
#include "cmd/import/import.h"

#include "lib/base/near.h"
#include "lib/json/json.h"
#include "lib/json/two_replies.h"

#define MISFITS_MAX 10 /* this many at the beginning mean that the file has another format */
#define COLUMNS_SHOWN_BYTES 200

static void write_columns(jv row, struct sm_buf *out)
{
    jv keys = jv_keys(jv_copy(row));
    int n = jv_array_length(jv_copy(keys));
    for (int i = 0; i < n; i++) {
        jv key = jv_array_get(jv_copy(keys), i);
        if (out->len < COLUMNS_SHOWN_BYTES)
            sm_buf_printf(out, "%s%.60s", i ? ", " : "", jv_string_value(key));
        else if (out->data[out->len - 1] != '.')
            sm_buf_str(out, ", ...");
        jv_free(key);
    }
    jv_free(keys);
}

/* Whether a name ends with the mark of one of several replies: what is near to it may well be the
 * other one. */
static bool is_marked(const char *name, size_t len)
{
    return len > 2 && (strchr("0123456789", name[len - 1]) ||
                       (name[len - 2] == '_' && strchr("abAB", name[len - 1])));
}

/* The row's column that is nearest to one of the names in `missing`, which stand between
 * backquotes; sets *name to that one, *len to its length. NULL if none is near. Borrows from
 * `keys`. */
static const char *nearest(jv keys, const char *missing, const char **name, size_t *len)
{
    const char *best = NULL;
    while (!best && (missing = strchr(missing, '`'))) {
        struct sm_near near = {.word = missing + 1, .len = strcspn(missing + 1, "`")};
        for (int i = 0; i < jv_array_length(jv_copy(keys)); i++) {
            jv key = jv_array_get(jv_copy(keys), i);
            if (!is_marked(near.word, near.len))
                sm_near_try(&near, jv_string_value(key));
            jv_free(key);
        }
        best = near.best;
        *name = near.word;
        *len = near.len;
        missing += near.len + 2;
    }
    return best;
}

static void write_two_replies(const struct sm_two_replies *two, const char *missing,
                              struct sm_buf *out)
{
    sm_buf_printf(out, "%s give --columns first=%.*s,second=%.*s; else ",
                  strstr(missing, "`winner`")
                      ? "if a column says which reply was chosen, give --columns winner=COLUMN; if "
                        "nobody has chosen,"
                      : "two replies that nobody has chosen from are `first` and `second`:",
                  (int)two->first_len, two->first, (int)two->second_len, two->second);
}

/* What may have been meant by a row whose column is missing. */
static void write_advice(jv row, const char *missing, struct sm_buf *out)
{
    jv keys = jv_keys(jv_copy(row));
    struct sm_two_replies two = {0};
    const char *name = NULL, *near;
    size_t len = 0;
    bool both = false;
    for (int i = 0; !both && i < jv_array_length(jv_copy(keys)); i++) {
        jv key = jv_array_get(jv_copy(keys), i);
        both = sm_two_replies_add(&two, jv_string_value(key), strlen(jv_string_value(key)));
        jv_free(key);
    }
    if (both)
        write_two_replies(&two, missing, out);
    else if ((near = nearest(keys, missing, &name, &len)) && strstr(missing, "of --columns"))
        sm_buf_printf(out, "did you mean `%s`? Else ", near);
    else if (near)
        sm_buf_printf(out, "did you mean `%s`? Then give --columns %.*s=%s; else ", near, (int)len,
                      name, near);
    jv_free(keys);
}

/* A table may have titles above the names of its columns. */
static void write_above(const struct importer *importer, size_t line, struct sm_buf *out)
{
    if (importer->reading && sm_rows_unnamed(importer->reading) && line > 1)
        sm_buf_printf(out,
                      "if the names of the columns stand in line %zu, cut off what is above them: "
                      "tail -n +%zu FILE | sm-import ...; else ",
                      line, line);
}

static void write_remedy(const struct importer *importer, jv row, size_t line, const char *missing,
                         struct sm_buf *out)
{
    write_above(importer, line, out);
    write_advice(row, missing, out);
    if (!importer->trial)
        sm_buf_str(out, "give another format (sm-import --guess FILE tells which fits, --list what "
                        "there is), or ");
    sm_buf_printf(
        out,
        "say which column is which, as in sm-import %s --columns prompt=COLUMN,"
        "response_a=COLUMN,response_b=COLUMN,winner=COLUMN,user_id=COLUMN FILE (or "
        "chosen=COLUMN,rejected=COLUMN); for any other shape, such as a row for each person, write "
        "a format of your own (--map), as sm-import(1) shows",
        importer->format && sm_format_reads(importer->format) != SM_ROWS_JSON ? "csv" : "votes");
}

/* Only the first misfit of a file is explained at length. */
static void explain(struct importer *importer, jv row, size_t line, const char *missing,
                    struct sm_err *err)
{
    struct sm_buf has = {0}, like = {0}, remedy = {0};
    if (!importer->explained && !importer->fits) {
        importer->explained = true;
        write_columns(row, &has);
        write_remedy(importer, row, line, missing, &remedy);
        if (!importer->trial) {
            sm_format_like(row, &like);
            sm_buf_printf(&has, "; it looks like %s", like.len ? like.data : "none of the formats");
        }
        sm_err_set(err, SM_EXIT_PARTIAL, remedy.data,
                   "column %s is missing, which format %s needs; the row has: %s", missing,
                   importer->name, has.data);
    } else {
        sm_err_set(err, SM_EXIT_PARTIAL, "fill it, or leave the row out", "column %s is missing",
                   missing);
    }
    sm_buf_release(&has);
    sm_buf_release(&like);
    sm_buf_release(&remedy);
}

bool import_goes_on(struct importer *importer)
{
    struct sm_err err = {0};
    if (importer->fits || importer->misfits < MISFITS_MAX)
        return true;
    sm_err_set(&err, SM_EXIT_INPUT, "give the format that the file has (sm-import --list)",
               "%s: none of the first %zu rows fits format %s: the rest is not read",
               importer->source, importer->misfits, importer->name);
    import_fail(importer, &err);
    return false;
}

bool import_misfit(struct importer *importer, jv row, size_t line, const char *missing)
{
    struct sm_err err = {0};
    importer->misfits++;
    explain(importer, row, line, missing, &err);
    import_bad(importer, line, &err);
    return import_goes_on(importer);
}
