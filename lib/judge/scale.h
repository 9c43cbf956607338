/* How far rewards must lie apart for a clear preference: p = 1 / (1 + exp(-difference / scale)).
 *
 * The scale is fitted to pairs of which the user's choice is known, as in Platt scaling (1999) and
 * temperature scaling (Guo et al. 2017, arXiv:1706.04599), with a prior that all users share, since
 * a user has few such pairs. Let d be the chosen reply's reward minus the other one's, and m the
 * root of the mean of d^2. Then the scale is m / b, where b maximizes
 *
 *   sum over the pairs of log(1 / (1 + exp(-b d / m))) + log b - b.
 *
 * The prior, b exp(-b), is that of a judge for whom a difference of m means 73%. It is unit-free:
 * the same for sums and means, and for any model. The sum is concave in b, so that there is one
 * such b. It is above 0 even if every pair is wrong, and finite even if every pair is right. */
#ifndef SM_JUDGE_SCALE_H
#define SM_JUDGE_SCALE_H

#include <stddef.h>

/* Above 0; or 0 if nothing can be fitted: there is no difference but 0. */
double sm_scale_fit(const double *differences, size_t count);

/* 0 to 1. `scale` must be above 0. */
double sm_scale_probability(double difference, double scale);

#endif
