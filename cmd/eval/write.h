/* Writes figures in the form that the options choose. */
#ifndef CMD_EVAL_WRITE_H
#define CMD_EVAL_WRITE_H

#include "cmd/eval/eval.h"

/* Writes the figures of each user of an input, whose order is known, and those over all. */
void eval_write(struct eval *e, struct judged *judged);

#endif
