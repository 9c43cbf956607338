/* jq programs from outside, compiled so that they see nothing but their input: no environment (it
 * holds keys), no other input, no library.
 *
 * As long as HOME is in the environment, every version of libjq reads $HOME/.jq into what it
 * compiles, and nothing that it can be told keeps it from that. A library does not change the
 * environment: the program that links this one takes HOME out of it before the first compilation.
 */
#ifndef SM_JSON_JQ_PROGRAM_H
#define SM_JSON_JQ_PROGRAM_H

#include "lib/base/err.h"

#include <jq.h>
#include <stdbool.h>

/* Comes before the text of every program, on its first line, so that the line numbers of messages
 * are those of the text. */
extern const char sm_jq_preamble[];

/* Compiles `program`, which begins with the preamble. NULL with `err` (code SM_EXIT_INPUT, the
 * compiler's words, `remedy`) if it is wrong; else for jq_teardown(). */
jq_state *sm_jq_compile(const char *program, const char *remedy, struct sm_err *err);

/* What a program that was stopped by error() said, for the caller to free; NULL: `result` is just
 * the end of the results. Consumes it. */
char *sm_jq_error(jv result);

/* The text of a program's file, at most a megabyte, for the caller to free. NULL with `err`, or
 * with none: there is no such file. */
char *sm_jq_program_text(const char *path, struct sm_err *err);

#endif
