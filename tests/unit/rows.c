/* Prints the rows of a file: the line of each, what was changed in it, and the row.
 * usage: rows FILE [COLUMN ...] */
#include "lib/data/rows.h"
#include "lib/json/json.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    struct sm_err err = {0};
    struct sm_rows *rows = sm_rows_open(argv[1], SM_ROWS_JSON, NULL, NULL, &err);
    enum sm_read what;
    jv row, names = jv_array();
    for (int i = 2; i < argc; i++)
        names = jv_array_append(names, jv_string(argv[i]));
    if (!rows)
        return 3;
    sm_rows_expect(rows, names);
    while ((what = sm_rows_next(rows, &row, &err)) != SM_READ_END) {
        struct sm_buf text = {0};
        sm_json_value(&text, sm_rows_changed(rows));
        printf("%zu %s %s", sm_rows_line(rows), text.data, what == SM_READ_LINE ? "" : err.message);
        sm_buf_clear(&text);
        if (what == SM_READ_LINE) {
            sm_json_value(&text, row);
            jv_free(row);
        }
        printf("%s\n", sm_buf_text(&text));
        sm_buf_release(&text);
        sm_err_clear(&err);
    }
    sm_rows_close(rows);
    return 0;
}
