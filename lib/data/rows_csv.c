#include "lib/data/internal/rows.h"

#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/json/json.h"

static void end_cell(struct sm_rows *rows)
{
    rows->ends = sm_grow(rows->ends, rows->count, &rows->room, sizeof *rows->ends);
    rows->ends[rows->count++] = rows->text.len;
}

static enum sm_read bad(struct sm_err *err, const char *remedy, const char *message)
{
    sm_err_set(err, SM_EXIT_INPUT, remedy, "%s", message);
    return SM_READ_BAD;
}

/* Takes a quoted cell, whose opening quote is taken already, up to the closing one. False if there
 * is none. */
static bool take_quoted(struct sm_rows *rows)
{
    int c;
    while ((c = sm_byte_reader_take(&rows->bytes)) >= 0) {
        if (c == '"' && sm_byte_reader_peek(&rows->bytes) != '"')
            return true;
        if (c == '"')
            sm_byte_reader_take(&rows->bytes);
        sm_buf_char(&rows->text, (char)c);
    }
    return false;
}

static enum sm_read unclosed(struct sm_rows *rows, size_t opened, struct sm_err *err)
{
    rows->over = true;
    rows->line = opened;
    sm_err_set(err, SM_EXIT_INPUT, "close it, and write a quote inside of a cell twice: \"\"",
               "the quote that opens here is never closed: the file is not read from here to its "
               "end in line %zu",
               rows->bytes.line);
    return SM_READ_FAIL;
}

/* Takes the cells of a row; *blank if there is nothing in its line. */
static enum sm_read take_cells(struct sm_rows *rows, bool *blank, struct sm_err *err)
{
    struct sm_byte_reader *bytes = &rows->bytes;
    bool quoted = false; /* the cell was quoted, and is over */
    sm_buf_clear(&rows->text);
    rows->count = 0;
    rows->line = bytes->line;
    *blank = false;
    for (;;) {
        size_t line = bytes->line, begin = rows->count ? rows->ends[rows->count - 1] : 0;
        int c = sm_byte_reader_take(bytes);
        if (c == '\r' && (sm_byte_reader_peek(bytes) == '\n' || sm_byte_reader_peek(bytes) < 0))
            c = sm_byte_reader_take(bytes);
        if (c < 0 || c == '\n') {
            *blank = rows->count == 0 && rows->text.len == 0 && !quoted;
            end_cell(rows);
            return c < 0 && *blank ? SM_READ_END : SM_READ_LINE;
        }
        if (!rows->delimiter && (c == ',' || c == ';' || c == '\t'))
            rows->delimiter = (char)c;
        if (rows->delimiter && c == rows->delimiter) {
            end_cell(rows);
            quoted = false;
        } else if (quoted) {
            sm_buf_clear(&rows->text);
            sm_byte_reader_rest(bytes, &rows->text);
            return bad(err, "write a quote inside of a cell twice: \"\"",
                       "something stands behind the closing quote of a cell: row skipped");
        } else if (c == '"' && rows->text.len == begin) {
            if (!take_quoted(rows))
                return unclosed(rows, line, err);
            quoted = true;
        } else {
            sm_buf_char(&rows->text, (char)c);
        }
    }
}

static jv cell_at(const struct sm_rows *rows, size_t i)
{
    size_t begin = i ? rows->ends[i - 1] : 0;
    return jv_string_sized(sm_buf_text(&rows->text) + begin, (int)(rows->ends[i] - begin));
}

static bool check_text(const struct sm_rows *rows, struct sm_err *err)
{
    const struct sm_buf *text = &rows->text;
    if (text->over)
        return sm_err_set(err, SM_EXIT_INPUT, "split the row, or leave it out",
                          "row is longer than %zu MiB: skipped", SM_LINE_MAX_BYTES >> 20);
    if (memchr(sm_buf_text(text), '\0', text->len))
        return sm_err_set(err, SM_EXIT_INPUT, "remove the NUL byte", "NUL byte");
    if (sm_utf8_valid(sm_buf_text(text), text->len) < text->len)
        return sm_err_set(err, SM_EXIT_INPUT, "convert the input to UTF-8, for example with iconv",
                          "invalid UTF-8");
    return true;
}

/* Keeps the names of the columns. False if they cannot be used. */
static bool take_header(struct sm_rows *rows, struct sm_err *err)
{
    if (!check_text(rows, err))
        return false;
    jv seen = jv_object();
    rows->columns = jv_array();
    bool ok = true;
    for (size_t i = 0; ok && i < rows->count; i++) {
        jv name = cell_at(rows, i);
        ok = !jv_object_has(jv_copy(seen), jv_copy(name)) ||
             sm_err_set(err, SM_EXIT_INPUT, "rename one of them", "two columns are called \"%s\"",
                        jv_string_value(name));
        seen = jv_object_set(seen, jv_copy(name), jv_true());
        rows->columns = jv_array_append(rows->columns, name);
    }
    jv_free(seen);
    return ok;
}

/* Whether this is a line "sep=;" before the header, which names the delimiter for spreadsheets. */
static bool says_delimiter(struct sm_rows *rows)
{
    static const char name[] = "sep=";
    size_t len = sizeof name - 1;
    const char *text = sm_buf_text(&rows->text);
    if (rows->kind != SM_ROWS_CSV || strncmp(text, name, len) != 0)
        return false;
    if (rows->count == 1 && rows->text.len == len + 1)
        rows->delimiter = text[len];
    else if (rows->count != 2 || rows->text.len != len)
        return false;
    return true;
}

static enum sm_read read_header(struct sm_rows *rows, struct sm_err *err)
{
    bool blank;
    enum sm_read what;
    do {
        what = take_cells(rows, &blank, err);
    } while (what == SM_READ_LINE && (blank || says_delimiter(rows)));
    if (!rows->delimiter)
        rows->delimiter = ',';
    if (what == SM_READ_LINE && take_header(rows, err))
        return SM_READ_LINE;
    rows->over = true;
    return what == SM_READ_END ? SM_READ_END : SM_READ_FAIL;
}

enum sm_read sm_rows_csv(struct sm_rows *rows, jv *row, struct sm_err *err)
{
    bool blank;
    enum sm_read what = SM_READ_LINE;
    if (!jv_is_valid(rows->columns))
        what = read_header(rows, err);
    if (what != SM_READ_LINE)
        return what;
    do {
        what = take_cells(rows, &blank, err);
    } while (what == SM_READ_LINE && blank);
    if (what != SM_READ_LINE)
        return what;
    if (!check_text(rows, err))
        return SM_READ_BAD;
    size_t columns = (size_t)jv_array_length(jv_copy(rows->columns));
    if (rows->count != columns) {
        sm_err_set(err, SM_EXIT_INPUT, "put cells with commas, quotes or newlines into quotes",
                   "%zu cells, but the header names %zu columns", rows->count, columns);
        return SM_READ_BAD;
    }
    *row = jv_object();
    for (size_t i = 0; i < columns; i++)
        *row = jv_object_set(*row, jv_array_get(jv_copy(rows->columns), (int)i), cell_at(rows, i));
    return SM_READ_LINE;
}
