/* Rows from foreign files, one at a time: JSON Lines, a JSON array element by element, and CSV or
 * TSV with a line of column names. However long the file, only one row is in memory. */
#ifndef SM_DATA_ROWS_H
#define SM_DATA_ROWS_H

#include "lib/base/err.h"
#include "lib/io/byte_reader.h"
#include "lib/io/stream.h"

#include <jv.h>
#include <stddef.h>

enum sm_rows_kind {
    SM_ROWS_JSON, /* an array if the first byte is '[', else an object a line */
    SM_ROWS_CSV,  /* RFC 4180; cells are strings */
    SM_ROWS_TSV,  /* the same with tabs for commas */
};

struct sm_rows;

/* Opens `name`; "-" is standard input. `more` (may be NULL) is called at the end of the file. NULL
 * with `err` if it cannot be opened. */
struct sm_rows *sm_rows_open(const char *name, enum sm_rows_kind kind, sm_more_fn *more, void *arg,
                             struct sm_err *err);
void sm_rows_close(struct sm_rows *rows);

/* SM_READ_LINE: *row is an object, owned by the caller. An integer of 16 digits or more in JSON
 * comes as a string, since it would be rounded. SM_READ_BAD: this row cannot be used, as `err`
 * says; go on with the next. SM_READ_FAIL: nor can the rest of the file. SM_READ_END: that was
 * all. */
enum sm_read sm_rows_next(struct sm_rows *rows, jv *row, struct sm_err *err);

/* The line in which the last row begins, from 1. */
size_t sm_rows_line(const struct sm_rows *rows);

#endif
