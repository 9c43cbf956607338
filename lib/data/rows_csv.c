/* Rows of tables: CSV and TSV. */
#include "lib/data/internal/rows.h"

#include "lib/base/mem.h"
#include "lib/base/utf8.h"

#define COLUMNS_MAX 10000 /* more are no table of texts */
#define LOOK_BYTES 4096   /* to see whether a lone CR ends a row */
#define UNKNOWN_COUNT SIZE_MAX

static void end_cell(struct sm_rows *rows)
{
    if (rows->count < COLUMNS_MAX) {
        rows->ends = sm_grow(rows->ends, rows->count, &rows->room, sizeof *rows->ends);
        rows->ends[rows->count] = rows->text.len;
    }
    rows->count++;
}

static enum sm_read bad(struct sm_err *err, const char *remedy, const char *message)
{
    sm_err_set(err, SM_EXIT_INPUT, remedy, "%s", message);
    return SM_READ_BAD;
}

static bool is_delimiter(const struct sm_rows *rows, char c)
{
    return rows->delimiter ? c == rows->delimiter : c == ',' || c == ';' || c == '\t';
}

/* Takes a quoted cell, whose opening quote is taken already, up to the closing one. False if there
 * is none. */
static bool take_quoted(struct sm_rows *rows)
{
    struct sm_byte_reader *bytes = &rows->bytes;
    const char *from;
    size_t len;
    while ((len = sm_byte_reader_ahead(bytes, 1, &from))) {
        const char *quote = memchr(from, '"', len);
        len = quote ? (size_t)(quote - from) : len;
        sm_buf_add(&rows->text, from, len);
        sm_byte_reader_drop(bytes, len);
        if (!quote)
            continue;
        sm_byte_reader_take(bytes);
        if (sm_byte_reader_peek(bytes) != '"')
            return true;
        sm_buf_char(&rows->text, '"');
        sm_byte_reader_take(bytes);
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

/* Takes what stands before the next delimiter or line's end. */
static void take_plain(struct sm_rows *rows)
{
    const char *from;
    size_t len, i;
    do {
        len = sm_byte_reader_ahead(&rows->bytes, 1, &from);
        for (i = 0; i < len && from[i] != '\n' && from[i] != '\r'; i++) {
            if (is_delimiter(rows, from[i]))
                break;
        }
        sm_buf_add(&rows->text, from, i);
        sm_byte_reader_drop(&rows->bytes, i);
    } while (len && i == len);
}

static size_t column_count(const struct sm_rows *rows)
{
    return jv_is_valid(rows->columns) ? (size_t)jv_array_length(jv_copy(rows->columns))
                                      : UNKNOWN_COUNT;
}

/* Whether a CR, just taken, ends a row. One of CR LF does, and so does each in the header; behind a
 * header with another end it may be part of a cell, unless all cells are there, and behind it are
 * those of a row. */
static bool ends_row(struct sm_rows *rows)
{
    const char *from;
    size_t len = sm_byte_reader_ahead(&rows->bytes, 1, &from), columns = column_count(rows), i = 0;
    if (len == 0 || *from == '\n' || columns == UNKNOWN_COUNT || rows->returns)
        return true;
    if (rows->count + 1 != columns)
        return false;
    len = sm_byte_reader_ahead(&rows->bytes, LOOK_BYTES, &from);
    for (columns--; i < len && from[i] != '\n' && from[i] != '\r'; i++)
        columns -= is_delimiter(rows, from[i]);
    return columns == 0 || (i == 0 && len > 0);
}

/* Takes the end of a line, if there is one; *end: it ends the row. */
static bool take_end(struct sm_rows *rows, int c)
{
    struct sm_byte_reader *bytes = &rows->bytes;
    if (c >= 0 && c != '\n' && c != '\r')
        return false;
    sm_byte_reader_take(bytes);
    if (c == '\r' && !ends_row(rows)) {
        sm_buf_char(&rows->text, '\r');
        return false;
    }
    if (c == '\r')
        sm_byte_reader_end_line(bytes);
    if (c == '\r' && !jv_is_valid(rows->columns))
        rows->returns = sm_byte_reader_peek(bytes) >= 0 && bytes->after_return;
    return true;
}

/* Takes the cells of a row; *blank if there is nothing in any. */
static enum sm_read take_cells(struct sm_rows *rows, bool *blank, struct sm_err *err)
{
    struct sm_byte_reader *bytes = &rows->bytes;
    bool quoted = false, any = false; /* the cell was quoted, and is over; or any was */
    sm_byte_reader_skip_mark(bytes);
    sm_buf_clear(&rows->text);
    rows->count = 0;
    rows->line = bytes->line;
    for (size_t begin = 0;;) {
        size_t line = bytes->line;
        int c = sm_byte_reader_peek(bytes);
        if (take_end(rows, c)) {
            *blank = rows->text.len == 0 && !any;
            if (c < 0 && *blank && rows->count == 0)
                return SM_READ_END;
            end_cell(rows);
            return SM_READ_LINE;
        }
        if (c == '\r')
            continue;
        if (is_delimiter(rows, (char)c)) {
            rows->delimiter = (char)sm_byte_reader_take(bytes);
            end_cell(rows);
            begin = rows->text.len;
            quoted = false;
        } else if (quoted) {
            sm_buf_clear(&rows->text);
            while (sm_byte_reader_line(bytes, SIZE_MAX, &rows->text) == 0)
                ;
            return bad(err, "write a quote inside of a cell twice: \"\"",
                       "something stands behind the closing quote of a cell: row skipped");
        } else if (c == '"' && rows->text.len == begin) {
            sm_byte_reader_take(bytes);
            if (!take_quoted(rows))
                return unclosed(rows, line, err);
            quoted = any = true;
        } else {
            take_plain(rows);
        }
    }
}

static jv cell_at(const struct sm_rows *rows, size_t i)
{
    size_t begin = i ? rows->ends[i - 1] : 0;
    return jv_string_sized(sm_buf_text(&rows->text) + begin, (int)(rows->ends[i] - begin));
}

/* A column's name, without the space that may be around it. */
static jv name_at(const struct sm_rows *rows, size_t i)
{
    size_t begin = i ? rows->ends[i - 1] : 0, end = rows->ends[i];
    const char *text = sm_buf_text(&rows->text);
    while (begin < end && (text[begin] == ' ' || text[begin] == '\t'))
        begin++;
    while (end > begin && (text[end - 1] == ' ' || text[end - 1] == '\t'))
        end--;
    return jv_string_sized(text + begin, (int)(end - begin));
}

static bool is_empty(jv text)
{
    return jv_string_length_bytes(jv_copy(text)) == 0;
}

static enum sm_read too_many(struct sm_rows *rows, struct sm_err *err)
{
    sm_err_set(err, SM_EXIT_INPUT, "see whether this is a table",
               "%zu cells in one row, of which at most %d are read: row skipped", rows->count,
               COLUMNS_MAX);
    return SM_READ_BAD;
}

/* Takes columns without a name off the end. */
static void cut_unnamed(struct sm_rows *rows)
{
    int n = jv_array_length(jv_copy(rows->columns)), named = n;
    while (named > 0) {
        jv name = jv_array_get(jv_copy(rows->columns), named - 1);
        bool empty = is_empty(name);
        jv_free(name);
        if (!empty)
            break;
        named--;
    }
    rows->columns = jv_array_slice(rows->columns, 0, named);
    rows->unnamed = (size_t)(n - named);
}

/* Keeps the names of the columns; those without one are left out with their cells. False if they
 * cannot be used. */
static bool take_header(struct sm_rows *rows, struct sm_err *err)
{
    if (rows->count > COLUMNS_MAX)
        too_many(rows, err);
    else
        sm_rows_check_text(rows, err);
    jv seen = jv_object();
    rows->columns = jv_array();
    for (size_t i = 0; !err->message && i < rows->count; i++) {
        jv name = name_at(rows, i);
        if (!is_empty(name) && jv_object_has(jv_copy(seen), jv_copy(name)))
            sm_err_set(err, SM_EXIT_INPUT, "rename one of them", "two columns are called \"%s\"",
                       jv_string_value(name));
        seen = jv_object_set(seen, jv_copy(name), jv_true());
        rows->columns = jv_array_append(rows->columns, name);
    }
    jv_free(seen);
    cut_unnamed(rows);
    return !err->message;
}

/* Whether this is a line "sep=;" before a header, which names the delimiter for spreadsheets. */
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

/* Whether all cells from the i-th on are empty. */
static bool empty_from(const struct sm_rows *rows, size_t i)
{
    return i >= rows->count || (i ? rows->ends[i - 1] : 0) == rows->text.len;
}

/* Whether the row is the header again, as where files were joined. */
static bool is_header(struct sm_rows *rows, size_t columns)
{
    bool same = rows->count >= columns && empty_from(rows, columns);
    for (size_t i = 0; same && i < columns; i++)
        same = jv_equal(name_at(rows, i), jv_array_get(jv_copy(rows->columns), (int)i));
    if (same && !rows->repeats) {
        struct sm_buf text = {0};
        sm_buf_printf(&text, "line %zu is the header again: skipped, as any that follow",
                      rows->line);
        sm_rows_tell(rows, text.data);
        sm_buf_release(&text);
        rows->repeats = true;
    }
    return same;
}

static bool is_filled(const struct sm_rows *rows, size_t i)
{
    return rows->ends[i] > (i ? rows->ends[i - 1] : 0);
}

static jv make_row(struct sm_rows *rows, size_t columns)
{
    jv row = jv_object();
    rows->unnamed_cells = 0;
    for (size_t i = columns; i < rows->count; i++)
        rows->unnamed_cells += is_filled(rows, i);
    for (size_t i = 0; i < columns; i++) {
        jv name = jv_array_get(jv_copy(rows->columns), (int)i);
        if (is_empty(name)) {
            jv_free(name);
            rows->unnamed_cells += i > 0 && is_filled(rows, i);
        } else {
            row = jv_object_set(row, name, cell_at(rows, i));
        }
    }
    return row;
}

/* Whether what take_cells() took can be a row, if it is not the header. */
static enum sm_read check_row(struct sm_rows *rows, struct sm_err *err)
{
    return rows->count > COLUMNS_MAX ? too_many(rows, err) : sm_rows_check_text(rows, err);
}

enum sm_read sm_rows_csv(struct sm_rows *rows, jv *row, struct sm_err *err)
{
    bool skip;
    enum sm_read what = SM_READ_LINE;
    if (!jv_is_valid(rows->columns))
        what = read_header(rows, err);
    size_t columns = column_count(rows);
    do {
        what = what == SM_READ_LINE ? take_cells(rows, &skip, err) : what;
        skip = what == SM_READ_LINE && (skip || says_delimiter(rows));
        if (what == SM_READ_LINE && !skip)
            what = check_row(rows, err);
        skip = skip || (what == SM_READ_LINE && is_header(rows, columns));
    } while (skip);
    if (what != SM_READ_LINE)
        return what;
    if (rows->count < columns || !empty_from(rows, columns + rows->unnamed)) {
        sm_err_set(err, SM_EXIT_INPUT,
                   columns > 1 ? "put cells with commas, quotes or newlines into quotes"
                               : "if titles stand above the line with the names of the columns, "
                                 "cut them off: tail -n +LINE FILE | sm-import ...",
                   "%zu cells, but the header names %zu columns", rows->count, columns);
        return SM_READ_BAD;
    }
    *row = make_row(rows, columns);
    rows->changed |= rows->unnamed_cells ? SM_ROWS_UNNAMED : 0;
    return SM_READ_LINE;
}
