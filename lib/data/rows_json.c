/* Rows in JSON: objects one after another, mostly one a line, or an array of them. */
#include "lib/data/internal/rows.h"

#include "lib/base/mem.h"
#include "lib/json/exact.h"
#include "lib/json/json.h"

#define WRAPPER_BYTES ((size_t)1 << 20) /* a longer object is judged by its beginning */

/* Makes a row of the text. */
static enum sm_read take_row(struct sm_rows *rows, jv *row, struct sm_err *err)
{
    enum sm_read what = sm_rows_check_text(rows, err);
    if (what != SM_READ_LINE)
        return what;
    const struct sm_buf *text = &rows->text;
    unsigned changed = sm_json_exact(sm_buf_text(text), text->len, &rows->exact);
    if (changed)
        text = &rows->exact;
    if (!sm_json_parse(sm_buf_text(text), text->len, row, err))
        return SM_READ_BAD;
    if (jv_get_kind(*row) != JV_KIND_OBJECT) {
        sm_err_set(err, SM_EXIT_INPUT,
                   jv_get_kind(*row) == JV_KIND_ARRAY
                       ? "each row is to be a JSON object: jq -c '.[] | {prompt: .[0], chosen: "
                         ".[1], rejected: .[2]}' FILE makes them of lists"
                       : "each row is to be a JSON object",
                   "not a JSON object");
        jv_free(*row);
        return SM_READ_BAD;
    }
    rows->changed = changed;
    if (rows->wrapped && rows->splits && !jv_object_has(jv_copy(*row), jv_string("split")))
        *row = jv_object_set(*row, jv_string("split"), jv_string(sm_buf_text(&rows->member)));
    return SM_READ_LINE;
}

static bool is_blank(const struct sm_buf *text)
{
    return strspn(sm_buf_text(text), " \t\r\n") == text->len;
}

enum line { LINE_ENDED, LINE_LAST, LINE_WRAPS };

/* Appends the next line, or what is left of it. *end is the byte that ended it. */
static enum line take_line(struct sm_rows *rows, size_t *judged, int *end)
{
    struct sm_buf *text = &rows->text;
    do {
        size_t from = text->len;
        *end = sm_byte_reader_line(&rows->bytes, WRAPPER_BYTES, text);
        sm_nesting_scan(&rows->nesting, sm_buf_text(text) + from, text->len - from, false);
        if (text->len < *judged || !rows->columns_needed_count || text->over)
            continue;
        *judged = 2 * text->len; /* so that all of this takes as long as reading does */
        if (sm_nesting_inside(&rows->nesting) && sm_rows_is_wrapper(rows, false))
            return LINE_WRAPS;
    } while (*end == 0);
    return *end < 0 ? LINE_LAST : LINE_ENDED;
}

/* Whether an object that is open at the end of a line goes on in the next one. The next object may
 * begin there, if this one was cut off. In a string a lone CR ends no line. */
static bool goes_on(struct sm_rows *rows)
{
    const struct sm_nesting *nesting = &rows->nesting;
    if (rows->text.over || rows->text.data[0] != '{' || !sm_nesting_inside(nesting))
        return false;
    int next = sm_byte_reader_peek(&rows->bytes);
    if (nesting->string)
        return rows->bytes.after_return && next != '{';
    return next != '{' || sm_nesting_takes_object(nesting);
}

static enum sm_read read_wrapper(struct sm_rows *rows)
{
    sm_byte_reader_put_back(&rows->bytes, &rows->text, rows->line);
    sm_byte_reader_take(&rows->bytes);
    rows->wrapped = true;
    rows->form = SM_FORM_ARRAY_END;
    return SM_READ_WAIT;
}

/* Skips blank lines, and marks that cat has left in later lines. False at the end. */
static bool find_object(struct sm_rows *rows)
{
    size_t at;
    int c;
    do {
        c = sm_byte_reader_skip(&rows->bytes);
        at = rows->bytes.feed.at;
        sm_byte_reader_skip_mark(&rows->bytes);
    } while (c == 0xef && rows->bytes.feed.at != at);
    return c >= 0;
}

/* What is wrong with an object over several lines. SM_READ_LINE: nothing yet. */
static enum sm_read check_lines(struct sm_rows *rows, enum line line, struct sm_err *err)
{
    if (rows->text.over)
        return sm_rows_fail(rows, "write one object a line, with jq -c .",
                            "an object over several lines is longer than 64 MiB, or does not end",
                            err);
    if (!sm_nesting_inside(&rows->nesting))
        return SM_READ_LINE;
    if (line == LINE_LAST)
        return sm_rows_fail(rows, "get the whole file again",
                            "an object over several lines does not end: the file is cut off", err);
    sm_err_set(err, SM_EXIT_INPUT, "mend it, or leave it out",
               "the object that begins here does not end before line %zu, where another begins",
               rows->bytes.line);
    return SM_READ_BAD;
}

static enum sm_read next_object(struct sm_rows *rows, jv *row, struct sm_err *err)
{
    size_t judged = WRAPPER_BYTES, first = SIZE_MAX;
    enum line line;
    int end;
    bool more = find_object(rows);
    sm_buf_clear(&rows->text);
    rows->nesting = (struct sm_nesting){0};
    rows->line = rows->bytes.line;
    if (!more)
        return SM_READ_END;
    while ((line = take_line(rows, &judged, &end)) == LINE_ENDED && goes_on(rows)) {
        sm_buf_char(&rows->text, (char)end);
        first = first == SIZE_MAX ? rows->text.len : first;
    }
    if (line == LINE_WRAPS)
        return read_wrapper(rows);
    enum sm_read what = rows->text.len > first ? check_lines(rows, line, err) : SM_READ_LINE;
    if (what != SM_READ_LINE)
        return what;
    if (rows->columns_needed_count && !sm_nesting_inside(&rows->nesting) && !rows->text.over &&
        sm_rows_is_wrapper(rows, true)) {
        sm_buf_str(&rows->text, line == LINE_ENDED ? "\n" : "");
        return read_wrapper(rows);
    }
    return take_row(rows, row, err);
}

/* Takes an element of the array, and the comma or bracket behind it, which it returns; -1 if the
 * file ends first. */
static int take_element(struct sm_rows *rows)
{
    const char *from;
    size_t len;
    rows->nesting = (struct sm_nesting){0};
    while ((len = sm_byte_reader_ahead(&rows->bytes, 1, &from))) {
        size_t used = sm_nesting_scan(&rows->nesting, from, len, true);
        int end = used < len ? from[used] : 0;
        sm_buf_add(&rows->text, from, used + (end == '}'));
        sm_byte_reader_drop(&rows->bytes, used + (end != 0));
        if (end && end != '}') /* which the parser will object to */
            return end;
    }
    return -1;
}

static enum sm_read end_array(struct sm_rows *rows, struct sm_err *err)
{
    int c = sm_byte_reader_skip(&rows->bytes);
    rows->line = rows->bytes.line;
    rows->over = true;
    return c < 0
               ? SM_READ_END
               : sm_rows_fail(rows, "give one array, or one object a line",
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
        return sm_rows_fail(
            rows, "get the whole file again",
            "the array does not end: the file is cut off, and its last row is left out", err);
    rows->separated = end == ',';
    rows->form = end == ']' ? SM_FORM_ARRAY_END : SM_FORM_ARRAY;
    if (!is_blank(&rows->text) || rows->text.over)
        return take_row(rows, row, err);
    if (end == ']' && !separated)
        return SM_READ_WAIT;
    sm_err_set(err, SM_EXIT_INPUT, "remove the comma", "nothing between two commas of the array");
    return SM_READ_BAD;
}

/* Behind an array of a wrapper: its next array, or behind all of it the next object. */
static enum sm_read leave_array(struct sm_rows *rows, struct sm_err *err)
{
    enum sm_read what = sm_rows_next_array(rows, err);
    if (what == SM_READ_FAIL)
        return what;
    rows->wrapped = what == SM_READ_LINE;
    rows->form = rows->wrapped ? SM_FORM_ARRAY : SM_FORM_OBJECTS;
    rows->separated = false;
    return SM_READ_WAIT;
}

static enum sm_read begin(struct sm_rows *rows)
{
    bool array = sm_byte_reader_skip(&rows->bytes) == '[';
    rows->form = array ? SM_FORM_ARRAY : SM_FORM_OBJECTS;
    if (array)
        sm_byte_reader_take(&rows->bytes);
    return SM_READ_WAIT;
}

/* SM_READ_WAIT: no row yet, look again. */
static enum sm_read step(struct sm_rows *rows, jv *row, struct sm_err *err)
{
    switch (rows->form) {
    case SM_FORM_UNKNOWN:
        return begin(rows);
    case SM_FORM_OBJECTS:
        return next_object(rows, row, err);
    case SM_FORM_ARRAY:
        return next_element(rows, row, err);
    default:
        return rows->wrapped ? leave_array(rows, err) : end_array(rows, err);
    }
}

enum sm_read sm_rows_json(struct sm_rows *rows, jv *row, struct sm_err *err)
{
    enum sm_read what;
    do {
        what = step(rows, row, err);
    } while (what == SM_READ_WAIT);
    return what;
}
