/* Foreign formats: jq programs, built in or a user's own, that turn rows into pairs. sm-import(1)
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

/* The name of built-in format `i`, in alphabetical order; NULL if there are fewer. */
const char *sm_format_name(size_t i);

/* How many there are. */
size_t sm_format_count(void);

/* Whether the built-in format `name` reads tables. */
bool sm_format_is_table(const char *name);

/* Appends all names, ", " between them. */
void sm_format_names(struct sm_buf *names);

/* The text of a built-in program; NULL if there is none of that name. */
const char *sm_format_source(const char *name);

/* Compiles the built-in program `name`, or that in file `path` unless it is NULL. The program sees
 * `options` (an object, consumed) as $options. NULL with `err` if it cannot be used. */
struct sm_format *sm_format_open(const char *name, const char *path, jv options,
                                 struct sm_err *err);
void sm_format_close(struct sm_format *format);

/* What each built-in program reads, {name: {columns, known, plain, reads}}: takes as long as to
 * compile one of them. */
jv sm_format_descriptions(void);

/* A built-in format whose program is compiled when a row is first run, for who tries many.
 * `descriptions` is borrowed, `options` consumed. */
struct sm_format *sm_format_described(const char *name, jv descriptions, jv options);

/* The kind of files it reads. */
enum sm_rows_kind sm_format_reads(const struct sm_format *format);

/* Appends the first column that a row must have and `row` (borrowed) lacks: "`winner`" or
 * "`context` (or `prompt`, …)". False if none is missing. */
bool sm_format_missing(const struct sm_format *format, jv row, struct sm_buf *what);

/* Whether the program reads column `name`: one that it needs, or one of its `known`. */
bool sm_format_knows(const struct sm_format *format, const char *name);

/* Appends the needed columns among the list `names` (borrowed) as "`a`, `b`". False if there are
 * none. */
bool sm_format_needs(const struct sm_format *format, jv names, struct sm_buf *which);

/* How the program writes column `name`, which may differ in case, and in blanks or hyphens for
 * underscores. Borrowed; NULL if it reads none of that name. */
const char *sm_format_spelling(const struct sm_format *format, const char *name);

/* Every name that a needed column may have, a list, for sm_rows_expect(). */
jv sm_format_columns(const struct sm_format *format);

/* Appends the names of built-in JSON formats whose columns `row` (borrowed) all has, as "a, b". */
void sm_format_like(jv row, struct sm_buf *names);

/* Consecutive rows with the same key (in *key, owned by the caller) belong together; with null, the
 * row stands alone. False with `err` if the program failed. */
bool sm_format_key(struct sm_format *format, jv row, jv *key, struct sm_err *err);

/* Runs the program on `input` (consumed), a row or a list of those with one key. Gives each thing
 * it makes to `each`, which owns it and returns false to stop. False if `each` stopped, or with
 * `err` if the program failed. */
typedef bool sm_format_fn(void *arg, jv made);
bool sm_format_run(struct sm_format *format, jv input, sm_format_fn *each, void *arg,
                   struct sm_err *err);

#endif
