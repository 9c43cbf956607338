/* Figures, in the form that was asked for. */
#ifndef CMD_EVAL_WRITE_H
#define CMD_EVAL_WRITE_H

#include "cmd/eval/eval.h"

/* A user's, as its lines end, and those over all. */
void eval_write_user(struct eval *e, const struct judged *judged, const char *user,
                     const struct sm_tally *t, struct sm_ci ci);
void eval_write_all(struct eval *e, struct judged *judged);

#endif
