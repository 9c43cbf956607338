/* Numbers in records. */
#ifndef CMD_EVAL_NUMBERS_H
#define CMD_EVAL_NUMBERS_H

#include "lib/base/buf.h"
#include "lib/eval/stats.h"

/* Appends a number so that it reads back the same; null for NaN. */
void eval_number(struct sm_buf *out, double number);

/* Appends ,"NAME": and the interval; null if there is none. */
void eval_ci(struct sm_buf *out, const char *name, enum sm_ci_method method, struct sm_ci ci);

#endif
