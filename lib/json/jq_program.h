/* jq programs from outside. Compiled here, they see nothing but their input: no environment (it
 * holds keys), no other input, no library.
 *
 * While HOME is set, every version of libjq reads $HOME/.jq into what it compiles, and no option
 * prevents that. A library must not change the environment, so the program that links this one
 * unsets HOME before the first compilation. */
#ifndef SM_JSON_JQ_PROGRAM_H
#define SM_JSON_JQ_PROGRAM_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

#include <jq.h>
#include <stdbool.h>

/* Goes before the text of every program, on its first line, so that line numbers in messages are
 * those of the text. */
extern const char sm_jq_preamble[];

/* Appends `source` without its lines of comment, on one line: it goes behind the preamble. */
void sm_jq_one_line(struct sm_buf *out, const char *source);

/* Compiles `program`, which begins with the preamble. NULL with `err` (SM_EXIT_INPUT, the
 * compiler's messages, `remedy`) if it does not compile; else the caller frees it with
 * jq_teardown(). */
jq_state *sm_jq_compile(const char *program, const char *remedy, struct sm_err *err);

/* The message of a program that error() stopped, at most 300 bytes of it, for the caller to free;
 * NULL if `result` is just the end of the results. Consumes `result`. */
char *sm_jq_error(jv result);

/* The text of a program's file, at most a megabyte, for the caller to free. NULL with `err` if it
 * cannot be read, NULL without an error if there is no such file. */
char *sm_jq_program_text(const char *path, struct sm_err *err);

#endif
