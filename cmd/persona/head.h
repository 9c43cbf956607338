/* What stands before the history when something is written of a user: instructions and worked
 * examples. */
#ifndef CMD_PERSONA_HEAD_H
#define CMD_PERSONA_HEAD_H

#include "lib/stage/prompts.h"

/* Appends "[" and the messages of prompt program `name`: its system message, then the examples of
 * `file`, an object a line, or if that is NULL the program's own. False with `err`. */
bool head_write(struct sm_prompts *prompts, const char *name, const char *file, struct sm_buf *head,
                struct sm_err *err);

#endif
