/* Foreign formats: jq programs, built in or a user's own, that make pairs of rows. sm-import(1)
 * describes their entry points. */
#ifndef SM_DATA_FORMAT_H
#define SM_DATA_FORMAT_H

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/data/rows.h"

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>

struct sm_format;

/* The built-in ones by number, in the order of their names; NULL: there is none. */
const char *sm_format_name(size_t i);

/* Appends all of them, ", " between them. */
void sm_format_names(struct sm_buf *names);

/* The text of a built-in program; NULL if there is none of that name. */
const char *sm_format_source(const char *name);

/* Compiles the built-in program `name` or, where `path` is not NULL, that file's. `options`
 * (consumed) is the object that the program sees as $options. */
struct sm_format *sm_format_open(const char *name, const char *path, jv options,
                                 struct sm_err *err);
void sm_format_close(struct sm_format *format);

/* What reads its files. */
enum sm_rows_kind sm_format_reads(const struct sm_format *format);

/* Appends what a row must have and `row` (borrowed) has not: "`winner`" or "`context` (or `prompt`,
 * …)". False if nothing is missing. */
bool sm_format_missing(const struct sm_format *format, jv row, struct sm_buf *what);

/* The needed columns that are among the strings of `names` (borrowed, a list), for "`a`, `b`". */
bool sm_format_needs(const struct sm_format *format, jv names, struct sm_buf *which);

/* The names of the built-in formats that `row` (borrowed) has all columns of, ", " between them. */
void sm_format_like(jv row, struct sm_buf *names);

/* Rows with the same key (in *key, the caller's) that come one after another belong together; null:
 * the row stands alone. False: the program failed. */
bool sm_format_key(struct sm_format *format, jv row, jv *key, struct sm_err *err);

/* Runs the program on `input` (consumed), a row or a list of those with one key, and gives what it
 * makes, one after another, to `each`, which owns it; false ends it. False: the program failed, or
 * `each` ended it. */
typedef bool sm_format_fn(void *arg, jv made);
bool sm_format_run(struct sm_format *format, jv input, sm_format_fn *each, void *arg,
                   struct sm_err *err);

#endif
