/* Accuracies of users that borrow from each other, which are known once all users are read. */
#ifndef CMD_EVAL_SHRUNK_H
#define CMD_EVAL_SHRUNK_H

#include "cmd/eval/eval.h"

/* Keeps what a user's shrunk accuracy needs, and the `result` record that is to hold it (NULL:
 * none), until all users of the input are read. The record waits in a temporary file. */
void eval_shrunk_keep(struct eval *e, struct judged *judged, const struct estimates *figures,
                      const struct sm_buf *record);

/* Computes them, and writes the records; in a table, it fills in `column` of the users' rows
 * instead. */
void eval_shrunk_write(struct eval *e, struct judged *judged);
void eval_shrunk_column(struct eval *e, struct judged *judged, size_t column);

void eval_shrunk_release(struct judged *judged);

#endif
