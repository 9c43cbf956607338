/* A table for people instead of records or CSV. */
#ifndef CMD_EVAL_TABLE_H
#define CMD_EVAL_TABLE_H

#include "cmd/eval/eval.h"

/* Whether there is one; and its rows. Those of several inputs are added once all are compared, as a
 * learning curve if they make one. */
bool eval_has_table(const struct eval *e);
void eval_table_user(struct eval *e, const char *user, const struct sm_tally *t,
                     const struct estimates *figures, const struct sm_shrunk *shrunk);
void eval_table_all(struct eval *e, struct judged *judged);
void eval_table_files(struct eval *e, const struct judged *judged, size_t count);

#endif
