/* The `result` record. */
#ifndef CMD_EVAL_RESULT_H
#define CMD_EVAL_RESULT_H

#include "cmd/eval/eval.h"

/* Appends the `result` record of a user, and the one over all. `shrunk` may be NULL, or have NAN as
 * its mean for a user without such. */
void eval_result(struct eval *e, struct sm_buf *out, const struct judged *judged, const char *user,
                 const struct sm_tally *t, const struct estimates *figures,
                 const struct sm_shrunk *shrunk);
void eval_result_all(struct eval *e, struct sm_buf *out, const struct judged *judged,
                     const struct estimates *figures);

#endif
