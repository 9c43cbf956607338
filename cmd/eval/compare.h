/* Comparing two inputs on the same pairs. */
#ifndef CMD_EVAL_COMPARE_H
#define CMD_EVAL_COMPARE_H

#include "cmd/eval/eval.h"

/* Compares b with a on the pairs that both judged. *worse: b is worse, beyond chance. */
void eval_compare(struct eval *e, const struct judged *a, struct judged *b, bool *worse);

#endif
