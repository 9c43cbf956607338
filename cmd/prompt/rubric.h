/* A rubric, for people and for programs. */
#ifndef CMD_PROMPT_RUBRIC_H
#define CMD_PROMPT_RUBRIC_H

#include "lib/base/buf.h"

#include <jv.h>
#include <stdbool.h>

/* Appends what a `rubric` record (borrowed) that sm_rubric_check() has passed holds: a table of the
 * criteria with what their weights rest on, or an object {type, user_id, what, criteria, fit}. */
void rubric_print(const char *user, jv record, bool json, struct sm_buf *out);

#endif
