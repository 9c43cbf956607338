/* Adjusts p values of several tests for their number. Arrays are borrowed and changed in place; NAN
 * stands for a test that there was not, and does not count. */
#ifndef SM_EVAL_MULTIPLICITY_H
#define SM_EVAL_MULTIPLICITY_H

#include <stddef.h>

/* Holm: who rejects where this is at most 0.05 is wrong about any test in at most 5% of cases. */
void sm_holm_adjust(double *p, size_t n);

#endif
