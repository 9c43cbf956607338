#include "lib/data/internal/rows.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/json/raw.h"

#define LONG_DIGITS 16 /* an integer of so many may not fit a double */

struct sm_rows *sm_rows_open(const char *name, enum sm_rows_kind kind, sm_more_fn *more, void *arg,
                             struct sm_err *err)
{
    struct sm_rows *rows = sm_alloc(1, sizeof *rows);
    *rows = (struct sm_rows){.kind = kind,
                             .line = 1,
                             .text = {.max = SM_LINE_MAX_BYTES},
                             .delimiter = kind == SM_ROWS_TSV ? '\t' : 0,
                             .columns = jv_invalid()};
    if (sm_byte_reader_open(&rows->bytes, name, more, arg, err))
        return rows;
    free(rows);
    return NULL;
}

void sm_rows_close(struct sm_rows *rows)
{
    if (!rows)
        return;
    sm_byte_reader_close(&rows->bytes);
    sm_buf_release(&rows->text);
    jv_free(rows->columns);
    free(rows->ends);
    free(rows);
}

size_t sm_rows_line(const struct sm_rows *rows)
{
    return rows->line;
}

static enum sm_read fail_file(struct sm_rows *rows, const char *remedy, const char *message,
                              struct sm_err *err)
{
    rows->over = true;
    sm_err_set(err, SM_EXIT_INPUT, remedy, "%s", message);
    return SM_READ_FAIL;
}

static bool is_long_integer(const struct sm_raw *m)
{
    size_t sign = *m->value == '-', digits = strspn(m->value + sign, "0123456789");
    return digits >= LONG_DIGITS && sign + digits == m->value_len;
}

/* Turns members of `text` that are integers too long for a double into strings. Does the same
 * within its member `row`, in which the datasets server wraps a row. `object` (consumed) is what
 * the parser made of the text. Of members with one name it has the last, and so has the result. */
static jv keep_integers(const char *text, size_t len, jv object)
{
    const char *at = text + strspn(text, " \t\r\n"), *end = text + len;
    jv kept = jv_copy(object);
    bool changed = false;
    struct sm_raw m;
    while (sm_raw_next_member(&at, end, &m)) {
        bool is_long = is_long_integer(&m), wraps = *m.value == '{' && sm_raw_key_is(&m, "row");
        if (!is_long && !wraps && !changed)
            continue;
        jv key = jv_parse_sized(m.key - 1, (int)m.key_len + 2); /* including its quotes */
        jv value = is_long ? jv_string_sized(m.value, (int)m.value_len)
                           : jv_object_get(jv_copy(object), jv_copy(key));
        if (wraps && jv_get_kind(value) == JV_KIND_OBJECT)
            value = keep_integers(m.value, m.value_len, value);
        kept = jv_object_set(kept, key, value);
        changed = true;
    }
    jv_free(object);
    return kept;
}

static enum sm_read take_row(struct sm_rows *rows, jv *row, struct sm_err *err)
{
    if (rows->text.over) {
        sm_err_set(err, SM_EXIT_INPUT, "split the row, or leave it out",
                   "row is longer than %zu MiB: skipped", SM_LINE_MAX_BYTES >> 20);
        return SM_READ_BAD;
    }
    if (!sm_json_parse(sm_buf_text(&rows->text), rows->text.len, row, err))
        return SM_READ_BAD;
    if (jv_get_kind(*row) == JV_KIND_OBJECT) {
        *row = keep_integers(sm_buf_text(&rows->text), rows->text.len, *row);
        return SM_READ_LINE;
    }
    sm_err_set(err, SM_EXIT_INPUT, "each row is to be a JSON object", "not a JSON object");
    jv_free(*row);
    return SM_READ_BAD;
}

static bool is_blank(const struct sm_buf *text)
{
    return strspn(sm_buf_text(text), " \t\r\n") == text->len;
}

static enum sm_read next_line(struct sm_rows *rows, jv *row, struct sm_err *err)
{
    do {
        sm_buf_clear(&rows->text);
        rows->line = rows->bytes.line;
        if (!sm_byte_reader_rest(&rows->bytes, &rows->text))
            return SM_READ_END;
        if (strncmp(sm_buf_text(&rows->text), "\xef\xbb\xbf", 3) == 0)
            sm_buf_skip(&rows->text, 3); /* of a later file that cat has joined */
    } while (is_blank(&rows->text) && !rows->text.over);
    const char *text = sm_buf_text(&rows->text);
    if (text[0] == '{' && strspn(text + 1, " \t\r") + 1 == rows->text.len)
        return fail_file(rows, "write one a line, with jq -c . FILE, or one array around all",
                         "an object over several lines", err);
    return take_row(rows, row, err);
}

/* Takes an element of the array, and the comma or bracket behind it, which it returns; -1 if the
 * file ends first. It only counts brackets: the parser will see whether they match. */
static int take_element(struct sm_rows *rows)
{
    bool string = false, escaped = false;
    size_t depth = 0;
    int c;
    while ((c = sm_byte_reader_take(&rows->bytes)) >= 0) {
        if (string) {
            string = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if (c == '"') {
            string = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (depth == 0 && (c == ',' || c == ']')) {
            return c;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
        sm_buf_char(&rows->text, (char)c);
    }
    return -1;
}

static enum sm_read end_array(struct sm_rows *rows, struct sm_err *err)
{
    int c = sm_byte_reader_skip(&rows->bytes);
    rows->line = rows->bytes.line;
    rows->over = true;
    return c < 0 ? SM_READ_END
                 : fail_file(rows, "give one array, or one object a line",
                             "something stands behind the end of the array: it is not read", err);
}

static enum sm_read next_element(struct sm_rows *rows, jv *row, struct sm_err *err)
{
    sm_byte_reader_skip(&rows->bytes);
    rows->line = rows->bytes.line;
    sm_buf_clear(&rows->text);
    bool separated = rows->separated;
    int end = take_element(rows);
    if (end < 0)
        return fail_file(
            rows, "get the whole file again",
            "the array does not end: the file is cut off, and its last row is left out", err);
    rows->separated = end == ',';
    if (!is_blank(&rows->text) || rows->text.over) {
        if (end == ']')
            rows->form = SM_FORM_ARRAY_END;
        return take_row(rows, row, err);
    }
    if (end == ']' && !separated)
        return end_array(rows, err);
    if (end == ']')
        rows->form = SM_FORM_ARRAY_END;
    sm_err_set(err, SM_EXIT_INPUT, "remove the comma", "nothing between two commas of the array");
    return SM_READ_BAD;
}

static enum sm_read next_json(struct sm_rows *rows, jv *row, struct sm_err *err)
{
    if (rows->form == SM_FORM_UNKNOWN) {
        bool array = sm_byte_reader_skip(&rows->bytes) == '[';
        rows->form = array ? SM_FORM_ARRAY : SM_FORM_LINES;
        if (array)
            sm_byte_reader_take(&rows->bytes);
    }
    if (rows->form == SM_FORM_LINES)
        return next_line(rows, row, err);
    return rows->form == SM_FORM_ARRAY ? next_element(rows, row, err) : end_array(rows, err);
}

enum sm_read sm_rows_next(struct sm_rows *rows, jv *row, struct sm_err *err)
{
    if (rows->over)
        return SM_READ_END;
    enum sm_read what =
        rows->kind == SM_ROWS_JSON ? next_json(rows, row, err) : sm_rows_csv(rows, row, err);
    if (!rows->bytes.err.message)
        return what;
    /* What precedes the failure may be half a row. */
    if (what == SM_READ_LINE)
        jv_free(*row);
    rows->over = true;
    sm_err_set(err, rows->bytes.err.code, rows->bytes.err.remedy, "%s", rows->bytes.err.message);
    return SM_READ_FAIL;
}
