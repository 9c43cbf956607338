/* Figures for evaluation: means, intervals and tests. Everything here is a pure function: what
 * needs random numbers takes a seed, and the same seed gives the same figures.
 *
 * Every array is borrowed. A count of successes is never above its `n`. Where there is nothing to
 * compute a figure from (n = 0), it is NaN. */
#ifndef SM_STATS_H
#define SM_STATS_H

#include <stddef.h>
#include <stdint.h>

/* The confidence level of every interval, and the resamples of those that resample. */
#define SM_CI_LEVEL 0.95
enum { SM_CI_RESAMPLES = 9999 };

/* A confidence interval, in the unit of the values. */
struct sm_ci {
    double low, high;
};

double sm_mean(const double *values, size_t n);

/* Basic bootstrap interval of the mean: twice the mean less the percentiles of the resampled
 * means, as scipy's bootstrap(method='basic') has it. It is not confined to the range of the
 * values, and has no width when they are all equal. Takes time for SM_CI_RESAMPLES * n draws. */
struct sm_ci sm_ci_basic(const double *values, size_t n, int64_t seed);

/* The same for `n` values of which `successes` are 1 and the others 0; unit: share of `n`. Time
 * and memory grow with the square root of `n`. Its draws differ from those of sm_ci_basic(). */
struct sm_ci sm_ci_basic_share(size_t successes, size_t n, int64_t seed);

/* Intervals of a share that draw nothing and stay in [0, 1]: Wilson's score interval, and the
 * exact one of Clopper and Pearson, which is never too short. */
struct sm_ci sm_ci_wilson(size_t successes, size_t n);
struct sm_ci sm_ci_exact(size_t successes, size_t n);

/* McNemar's exact test, two-sided p value: of the cases where exactly one of two judges was right,
 * `only_a` went to the one and `only_b` to the other. It is the binomial test against one half. */
double sm_mcnemar(size_t only_a, size_t only_b);

#endif
