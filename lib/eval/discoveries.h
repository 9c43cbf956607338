/* Which of many users were helped: tests of each, and how few of them are found by chance. */
#ifndef SM_EVAL_DISCOVERIES_H
#define SM_EVAL_DISCOVERIES_H

#include <stddef.h>

/* Adjusts p values, in place, by Benjamini and Hochberg (JRSS B 57, 1995): of the users whose
 * adjusted p is at most 0.05, on average at most 5% are none. NAN stands for no test, and does not
 * count. The array is borrowed. */
void sm_bh_adjust(double *p, size_t n);

/* How many of `n` pairs must go one way, and none of the others be undecided, for the sign test's
 * two-sided p to be at most `level`; 0 if not even all of them are enough. */
size_t sm_sign_least(size_t n, double level);

#endif
