/* Writes figures in the form that the options choose. */
#ifndef CMD_EVAL_WRITE_H
#define CMD_EVAL_WRITE_H

#include "cmd/eval/eval.h"

/* Write the figures of a user whose lines have ended; and those over all. */
void eval_write_user(struct eval *e, struct judged *judged, const char *user,
                     const struct sm_tally *t, const struct estimates *figures);
void eval_write_all(struct eval *e, struct judged *judged);

#endif
