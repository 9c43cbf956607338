#include "lib/data/internal/rows.h"

#include "lib/base/mem.h"

#include <errno.h>
#include <unistd.h>

#define ZIP_BYTES 4096 /* the names of a zip file's first members are in these */

static const char *const change_texts[] = {
    "long numbers kept as text", "numbers that are none kept as text", "lone surrogates replaced",
    "rows with cells in columns without a name, which are left out"};

/* A list for each set of changes. */
static void list_changes(struct sm_rows *rows)
{
    for (unsigned set = 0; set < sizeof rows->changes / sizeof *rows->changes; set++) {
        rows->changes[set] = jv_array();
        for (unsigned i = 0; i < sizeof change_texts / sizeof *change_texts; i++) {
            if (set & 1u << i)
                rows->changes[set] =
                    jv_array_append(rows->changes[set], jv_string(change_texts[i]));
        }
    }
}

/* Whether the file itself begins with the bytes `from`, not what is packed in it; a pipe may. */
static bool is_plain(const struct sm_rows *rows, const char *from, size_t len)
{
    char start[SM_FOREIGN_BYTES];
    ssize_t n = pread(rows->bytes.fd, start, len < sizeof start ? len : sizeof start, 0);
    return n < 0 ? errno == ESPIPE : memcmp(start, from, (size_t)n) == 0;
}

/* Has a program read the file. False, with or without `err`: nothing here can. */
static bool convert(struct sm_rows *rows, const struct sm_foreign *foreign, struct sm_err *err)
{
    if (foreign->reader == SM_FOREIGN_NONE)
        return false;
    int from = sm_convert_start(&rows->convert, foreign->reader, rows->bytes.fd, err);
    if (from < 0)
        return false;
    sm_byte_reader_close(&rows->bytes);
    sm_byte_reader_attach(&rows->bytes, from, sm_convert_end, &rows->convert);
    rows->kind = SM_ROWS_JSON;
    return true;
}

/* Whether the file is text, or is read as text by another program. */
static bool is_readable(struct sm_rows *rows, const char *name, struct sm_err *err)
{
    const char *from;
    size_t len = sm_byte_reader_ahead(&rows->bytes, SM_FOREIGN_BYTES, &from);
    if (len >= 2 && memcmp(from, "PK", 2) == 0)
        len = sm_byte_reader_ahead(&rows->bytes, ZIP_BYTES, &from);
    const struct sm_foreign *foreign = sm_foreign_find(from, len);
    bool plain = foreign && is_plain(rows, from, len);
    if (!foreign || (plain && convert(rows, foreign, err)))
        return true;
    return err->message ? false : sm_foreign_refuse(foreign, name, !plain, err);
}

struct sm_rows *sm_rows_open(const char *name, enum sm_rows_kind kind, sm_more_fn *more, void *arg,
                             struct sm_err *err)
{
    struct sm_rows *rows = sm_alloc(1, sizeof *rows);
    *rows = (struct sm_rows){.kind = kind,
                             .line = 1,
                             .text = {.max = SM_LINE_MAX_BYTES},
                             .delimiter = kind == SM_ROWS_TSV ? '\t' : 0,
                             .columns = jv_invalid()};
    list_changes(rows);
    if (sm_byte_reader_open(&rows->bytes, name, more, arg, err) && is_readable(rows, name, err))
        return rows;
    sm_rows_close(rows);
    return NULL;
}

void sm_rows_close(struct sm_rows *rows)
{
    if (!rows)
        return;
    sm_byte_reader_close(&rows->bytes);
    sm_convert_close(&rows->convert);
    sm_buf_release(&rows->text);
    sm_buf_release(&rows->exact);
    sm_buf_release(&rows->wanted);
    sm_buf_release(&rows->member);
    jv_free(rows->columns);
    for (size_t i = 0; i < sizeof rows->changes / sizeof *rows->changes; i++)
        jv_free(rows->changes[i]);
    for (size_t i = 0; i < rows->columns_needed_count; i++)
        free(rows->columns_needed[i]);
    free(rows->columns_needed);
    free(rows->ends);
    free(rows);
}

void sm_rows_expect(struct sm_rows *rows, jv names)
{
    int n = jv_array_length(jv_copy(names));
    rows->columns_needed = sm_alloc((size_t)n + 1, sizeof *rows->columns_needed);
    for (int i = 0; i < n; i++) {
        jv name = jv_array_get(jv_copy(names), i);
        rows->columns_needed[rows->columns_needed_count++] = sm_strdup(jv_string_value(name));
        jv_free(name);
    }
    jv_free(names);
}

void sm_rows_on_note(struct sm_rows *rows, sm_rows_note_fn *note, void *arg)
{
    struct sm_buf text = {0};
    rows->note = note;
    rows->note_arg = arg;
    if (rows->convert.pid) {
        sm_buf_printf(&text, "read with %s", rows->convert.tool);
        sm_rows_tell(rows, text.data);
        sm_buf_release(&text);
    }
}

size_t sm_rows_unnamed(const struct sm_rows *rows)
{
    return rows->unnamed_cells;
}

enum sm_rows_look sm_rows_look(struct sm_rows *rows)
{
    if (rows->convert.pid)
        return SM_ROWS_LOOK_CONVERTED;
    sm_byte_reader_skip_mark(&rows->bytes);
    int c = sm_byte_reader_skip(&rows->bytes);
    return c == '{' || c == '[' || c < 0 ? SM_ROWS_LOOK_JSON : SM_ROWS_LOOK_TABLE;
}

size_t sm_rows_line(const struct sm_rows *rows)
{
    return rows->line;
}

jv sm_rows_changed(const struct sm_rows *rows)
{
    return rows->changes[rows->changed];
}

enum sm_read sm_rows_next(struct sm_rows *rows, jv *row, struct sm_err *err)
{
    rows->changed = 0;
    if (rows->over)
        return SM_READ_END;
    enum sm_read what =
        rows->kind == SM_ROWS_JSON ? sm_rows_json(rows, row, err) : sm_rows_csv(rows, row, err);
    if (!rows->bytes.err.message)
        return what;
    /* What precedes the failure may be half a row. */
    if (what == SM_READ_LINE)
        jv_free(*row);
    rows->over = true;
    sm_err_set(err, rows->bytes.err.code, rows->bytes.err.remedy, "%s", rows->bytes.err.message);
    return SM_READ_FAIL;
}
