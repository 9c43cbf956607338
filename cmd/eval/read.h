/* Reading verdicts. */
#ifndef CMD_EVAL_READ_H
#define CMD_EVAL_READ_H

#include "cmd/eval/eval.h"

/* Reads the input at hand, e->reader, to its end, and writes the figures of each user as it ends,
 * then those over all. */
void eval_read(struct eval *e, struct judged *judged);

#endif
