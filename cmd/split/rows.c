#include "cmd/split/rows.h"

#include "lib/data/format.h"
#include "lib/data/parts.h"
#include "lib/json/exact.h"
#include "lib/json/json.h"
#include "lib/json/raw.h"

#include <string.h>

/* Whether a good pair may have something beside its texts. */
static bool may_hold_parts(const char *line)
{
    static const char *const names[] = {"\"image", "\"audio", "\"video", "\"Image", "\"Audio",
                                        "\"Video", "\"IMAGE", "\"AUDIO", "\"VIDEO"};
    bool may = false;
    for (size_t i = 0; !may && i < sizeof names / sizeof *names; i++)
        may = strstr(line, names[i]) != NULL;
    return may;
}

/* The line with the members that `texts` has in another form; the bytes of all others stay. */
static void rewrite(const char *line, size_t len, jv row, jv texts, struct sm_buf *out)
{
    const char *at = strchr(line, '{');
    struct sm_raw m;
    sm_buf_clear(out);
    sm_buf_char(out, '{');
    while (sm_raw_next_member(&at, line + len, &m)) {
        jv key = jv_parse_sized(m.key - 1, (int)m.key_len + 2); /* including its quotes */
        jv before = jv_object_get(jv_copy(row), jv_copy(key));
        jv after = jv_object_get(jv_copy(texts), key);
        if (jv_is_valid(after)) {
            sm_buf_str(out, out->len > 1 ? "," : "");
            sm_buf_add(out, m.key - 1, m.key_len + 2);
            sm_buf_char(out, ':');
            if (jv_equal(before, jv_copy(after)))
                sm_buf_add(out, m.value, m.value_len);
            else
                sm_json_value(out, after);
        } else {
            jv_free(before);
        }
        jv_free(after);
    }
    sm_buf_char(out, '}');
}

/* Makes the texts of the line strings, in rows->own. False with `err` if the line holds what is no
 * text; false without, if it is none to mend. */
static bool mend(struct split_rows *rows, const char *line, size_t len, struct sm_err *err)
{
    struct sm_err none = {0};
    size_t left_out = 0;
    jv row;
    if (!sm_json_parse(line, len, &row, &none)) {
        sm_err_clear(&none);
        return false;
    }
    jv texts = jv_get_kind(row) == JV_KIND_OBJECT
                   ? sm_parts_to_text(jv_copy(row), rows->text_only, &left_out, err)
                   : jv_invalid();
    bool changed = jv_is_valid(texts) && !jv_equal(jv_copy(texts), jv_copy(row));
    if (changed) {
        rewrite(line, len, row, texts, &rows->own);
        rows->left_out += left_out;
    }
    jv_free(texts);
    jv_free(row);
    return changed;
}

/* The first line of a file that holds no records: which format may it have? */
static void lead_to_import(struct split_rows *rows, const char *line, size_t len,
                           struct sm_err *err)
{
    struct sm_buf remedy = {0}, like = {0};
    struct sm_err none = {0};
    const char *name = sm_input_name(rows->reader->input);
    jv row;
    if (sm_json_parse(line, len, &row, &none)) {
        if (jv_get_kind(row) == JV_KIND_OBJECT)
            sm_format_like(row, &like);
        jv_free(row);
    }
    sm_err_clear(&none);
    sm_buf_printf(&remedy, "%s%s", err->remedy ? err->remedy : "", err->remedy ? "; " : "");
    if (like.len)
        sm_buf_printf(&remedy, "it looks like format %s: ", like.data);
    sm_buf_printf(&remedy, "sm-import --guess %s tells which format this is",
                  strcmp(name, "stdin") == 0 ? "FILE" : name);
    sm_err_set(err, err->code, remedy.data, "%s", err->message);
    sm_buf_release(&remedy);
    sm_buf_release(&like);
    rows->led = true;
}

/* Parsers differ in what they make of half a surrogate pair. */
static void replace_halves(struct split_rows *rows, const char **line, size_t *len)
{
    if ((strstr(*line, "\\ud") || strstr(*line, "\\uD")) &&
        (sm_json_exact(*line, *len, &rows->exact) & SM_EXACT_SURROGATES)) {
        *line = rows->exact.data;
        *len = rows->exact.len;
        rows->replaced++;
    }
}

enum sm_read split_next(struct split_rows *rows, const char **line, size_t *len)
{
    struct sm_reader *reader = rows->reader;
    struct sm_err err = {0}, refused = {0};
    enum sm_read what;
    while ((what = sm_reader_line(reader, true, line, len)) == SM_READ_LINE) {
        replace_halves(rows, line, len);
        bool good = sm_record_view_read(&reader->view, *line, *len, reader->default_user, &err);
        if (good && !sm_shard_has(&reader->shard, reader->view.user)) {
            rows->good = true;
            continue;
        }
        if (good && (reader->view.type != SM_PAIR || !may_hold_parts(*line))) {
            rows->good = true;
            return what;
        }
        if (mend(rows, *line, *len, &refused)) {
            *line = rows->own.data;
            *len = rows->own.len;
            sm_err_clear(&err);
            good = sm_record_view_read(&reader->view, *line, *len, reader->default_user, &err);
        }
        if (good && !refused.message) {
            rows->good = true;
            if (sm_shard_has(&reader->shard, reader->view.user))
                return what;
            continue;
        }
        if (!refused.message && !rows->good && !rows->led)
            lead_to_import(rows, *line, *len, &err);
        sm_reader_bad(reader, refused.message ? &refused : &err);
        sm_err_clear(&refused);
        sm_err_clear(&err);
    }
    return what;
}

void split_rows_release(struct split_rows *rows)
{
    sm_buf_release(&rows->own);
    sm_buf_release(&rows->exact);
}
