/* Comparing inputs on the same pairs. */
#ifndef CMD_EVAL_COMPARE_H
#define CMD_EVAL_COMPARE_H

#include "cmd/eval/eval.h"

/* Compares b with a on the pairs that both judged: b->against_first. */
void eval_compare(struct eval *e, const struct judged *a, struct judged *b);

/* Once all are compared with the first: adjusts their p values for their number. */
void eval_adjust(struct judged *judged, size_t count);

/* Writes records, or the sentences below the table. */
void eval_write_comparisons(struct eval *e, const struct judged *judged, size_t count);

/* Fails for each that is worse than the first beyond chance, or where that cannot be told. */
void eval_gate_worse(const struct eval *e, const struct judged *judged, size_t count);

#endif
