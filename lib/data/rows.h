/* Rows from foreign files, one at a time: JSON objects, a JSON array element by element, and CSV or
 * TSV with a line of column names; packed with gzip or zstd, in UTF-8 or UTF-16. However long the
 * file, only one row is in memory. */
#ifndef SM_DATA_ROWS_H
#define SM_DATA_ROWS_H

#include "lib/base/err.h"
#include "lib/io/byte_reader.h"
#include "lib/io/stream.h"

#include <jv.h>
#include <stddef.h>

enum sm_rows_kind {
    SM_ROWS_JSON, /* an array if the first byte is '[', else objects one after another */
    SM_ROWS_CSV,  /* RFC 4180; cells are strings */
    SM_ROWS_TSV,  /* the same with tabs for commas */
};

struct sm_rows;

/* Opens `name`; "-" is standard input. `more` (may be NULL) is called at the end of the file. NULL
 * with `err` if it cannot be opened or is no text; then `err` says how to make it text. Parquet and
 * Arrow are read by a program that can, if there is one; then they are JSON, whatever `kind`. */
struct sm_rows *sm_rows_open(const char *name, enum sm_rows_kind kind, sm_more_fn *more, void *arg,
                             struct sm_err *err);
void sm_rows_close(struct sm_rows *rows);

/* Names the columns of which a row must have some: `names` is a list, consumed, of every name that
 * a needed column may have. With it, an object that has none of them but holds a list of rows, such
 * as {"data": [...]}, is taken apart; an object that is a row never is, since it has some. An
 * object of more than a MiB is judged by its beginning. Rows of {"train": [...], "test": [...]} get
 * a member `split` unless they have one. Without it, or if the list is empty, each object is a row.
 * To be called before the first row is read. */
void sm_rows_expect(struct sm_rows *rows, jv names);

/* From now on `note` is called with remarks that are no problems, such as which program reads the
 * file: a line without the file's name. */
typedef void sm_rows_note_fn(void *arg, const char *text);
void sm_rows_on_note(struct sm_rows *rows, sm_rows_note_fn *note, void *arg);

/* SM_READ_LINE: *row is an object, owned by the caller. What JSON programs read differently comes
 * as text, wherever it stands in the row; see sm_rows_changed(). SM_READ_BAD: this row cannot be
 * used, as `err` says; go on with the next. SM_READ_FAIL: nor can the rest of the file.
 * SM_READ_END: that was all. */
enum sm_read sm_rows_next(struct sm_rows *rows, jv *row, struct sm_err *err);

/* What was changed in the last row, a list (borrowed, mostly empty) of these texts: "long numbers
 * kept as text" (integers of 16 digits or more), "numbers that are none kept as text" (NaN,
 * Infinity, 1e400), "lone surrogates replaced" (by U+FFFD), "rows with cells in columns
 * without a name, which are left out". */
jv sm_rows_changed(const struct sm_rows *rows);

/* How many cells of the last row hold something that no column is named for, but for the first one,
 * in which programs number the rows. */
size_t sm_rows_unnamed(const struct sm_rows *rows);

/* What a file that was opened for JSON and is not read yet begins like. A converter always makes
 * JSON. */
enum sm_rows_look { SM_ROWS_LOOK_JSON, SM_ROWS_LOOK_TABLE, SM_ROWS_LOOK_CONVERTED };
enum sm_rows_look sm_rows_look(struct sm_rows *rows);

/* The line in which the last row begins, from 1. */
size_t sm_rows_line(const struct sm_rows *rows);

#endif
