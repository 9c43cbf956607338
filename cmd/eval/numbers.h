/* Numbers in records. */
#ifndef CMD_EVAL_NUMBERS_H
#define CMD_EVAL_NUMBERS_H

#include "cmd/eval/eval.h"

/* Appends a number so that it reads back the same; null for NaN. */
void eval_number(struct sm_buf *out, double number);

/* Append ,"NAME": and the number, or the interval; null if there is none. */
void eval_member(struct sm_buf *out, const char *name, double number);
void eval_ci(struct sm_buf *out, const char *name, const struct interval *interval);

#endif
