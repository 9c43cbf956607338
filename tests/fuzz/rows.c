/* covers: lib/data/rows.c lib/data/rows_csv.c lib/io/byte_reader.c
 *
 * A file of someone's rows; the first byte says of which kind it is. Every row is an object, the
 * reader comes to an end, and a table that is written by RFC 4180's rules is read as it was. */
#define _XOPEN_SOURCE 700 /* setenv() */

#include "tests/fuzz/support.h"

#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/data/rows.h"
#include "lib/json/json.h"

#define NAME "rows"

static void read_all(enum sm_rows_kind kind, size_t size)
{
    struct sm_err err = {0};
    jv row;
    size_t line = 0, steps = 0;
    enum sm_read what;
    struct sm_rows *rows = sm_rows_open(NAME, kind, NULL, NULL, &err);
    REQUIRE(rows || err.message);
    while (rows && (what = sm_rows_next(rows, &row, &err)) != SM_READ_END) {
        REQUIRE(sm_rows_line(rows) >= line || what == SM_READ_FAIL);
        line = sm_rows_line(rows);
        REQUIRE(++steps <= size + 2);
        REQUIRE((what == SM_READ_LINE) == !err.message);
        if (what == SM_READ_LINE) {
            struct sm_buf text = {0};
            REQUIRE(jv_get_kind(row) == JV_KIND_OBJECT);
            sm_json_value(&text, row);
            REQUIRE(fuzz_is_line(text.data, text.len));
            sm_buf_release(&text);
            jv_free(row);
        }
        sm_err_clear(&err);
    }
    sm_err_clear(&err);
    sm_rows_close(rows);
}

/* A cell in quotes, with those within it twice. */
static void add_cell(struct sm_buf *out, const char *cell)
{
    sm_buf_char(out, '"');
    for (; *cell; cell++)
        sm_buf_add(out, "\"\"", *cell == '"' ? 2 : 0), sm_buf_add(out, cell, *cell != '"');
    sm_buf_char(out, '"');
}

static void round_trip(const char *cell, char delimiter)
{
    struct sm_buf file = {0};
    struct sm_err err = {0};
    jv row;
    sm_buf_printf(&file, "a%cb\n", delimiter);
    add_cell(&file, cell);
    sm_buf_char(&file, delimiter);
    add_cell(&file, "end");
    fuzz_file(NAME, file.data, file.len);
    struct sm_rows *rows =
        sm_rows_open(NAME, delimiter == '\t' ? SM_ROWS_TSV : SM_ROWS_CSV, NULL, NULL, &err);
    REQUIRE(rows && sm_rows_next(rows, &row, &err) == SM_READ_LINE);
    REQUIRE(strcmp(sm_json_text(row, "a", NULL), cell) == 0);
    REQUIRE(strcmp(sm_json_text(row, "b", NULL), "end") == 0);
    jv_free(row);
    REQUIRE(sm_rows_next(rows, &row, &err) == SM_READ_END);
    sm_rows_close(rows);
    sm_buf_release(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    setenv("PATH", "/nowhere", 1); /* no other program is to read the file */
    char *cell = fuzz_string(data + 1, size - 1);
    enum sm_rows_kind kind = data[0] == '{'   ? SM_ROWS_JSON
                             : data[0] == ',' ? SM_ROWS_CSV
                                              : SM_ROWS_TSV;
    if (data[0] != '"') {
        fuzz_file(NAME, data + 1, size - 1);
        read_all(kind, size);
    } else if (sm_utf8_valid(cell, strlen(cell)) == strlen(cell)) {
        round_trip(cell, ",;\t"[size % 3]);
    }
    free(cell);
    return 0;
}
