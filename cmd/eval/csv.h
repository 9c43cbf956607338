/* Figures as comma-separated values. */
#ifndef CMD_EVAL_CSV_H
#define CMD_EVAL_CSV_H

#include "cmd/eval/eval.h"

#define EVAL_CSV_HEAD                                                                              \
    "file,user,pairs,n,accuracy,low,high,ties,failed,first_share,agreement,learned_from\r\n"

/* Appends the row of a user, or of all if `user` is NULL. */
void eval_csv_row(const struct judged *judged, const char *user, const struct sm_tally *t,
                  const struct estimates *figures, struct sm_buf *out);

#endif
