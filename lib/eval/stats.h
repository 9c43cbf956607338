/* Figures for evaluation: means, intervals and tests. All are pure functions: those that need
 * random numbers take a seed, and the same seed gives the same figures.
 *
 * Every array is borrowed. A count of successes never exceeds its `n`. A figure of nothing (n = 0)
 * is NaN. */
#ifndef SM_EVAL_STATS_H
#define SM_EVAL_STATS_H

#include <stddef.h>
#include <stdint.h>

/* The confidence level of every interval, and the number of resamples. */
#define SM_CI_LEVEL 0.95
enum { SM_CI_RESAMPLES = 9999 };

/* A confidence interval, in the unit of the values. */
struct sm_ci {
    double low, high;
};

double sm_mean(const double *values, size_t n);

/* Basic bootstrap interval of the mean: twice the mean less the percentiles of the resampled means,
 * as in scipy's bootstrap(method='basic'). It may leave the range of the values, and has no width
 * if they are all equal. Takes time for SM_CI_RESAMPLES * n draws. */
struct sm_ci sm_ci_basic(const double *values, size_t n, int64_t seed);

/* Intervals of a share that draw nothing and stay in [0, 1]: Wilson's score interval, and the exact
 * one of Clopper and Pearson, which is never too short. */
struct sm_ci sm_ci_wilson(size_t successes, size_t n);
struct sm_ci sm_ci_exact(size_t successes, size_t n);

enum sm_ci_method {
    SM_CI_BASIC,
    SM_CI_PERCENTILE,
    SM_CI_BCA,
    SM_CI_WILSON,
    SM_CI_EXACT,
    SM_CI_CLUSTER
};
const char *sm_ci_name(enum sm_ci_method method);

/* Bootstrap interval (SM_CI_BASIC, SM_CI_PERCENTILE or SM_CI_BCA) of the mean of `n` values of
 * which `ones` are 1, `halves` are 0.5 and the others 0. BCa is Efron's bias-corrected and
 * accelerated one, its acceleration from the jackknife. Without halves time and memory grow with
 * the square root of `n`. Its draws differ from those of sm_ci_basic(). */
struct sm_ci sm_ci_mean(enum sm_ci_method method, size_t ones, size_t halves, size_t n,
                        int64_t seed);

/* Percentile bootstrap interval of sum(sums) / sum(counts) that draws whole clusters: values within
 * a cluster depend on each other, as a user's verdicts do. */
struct sm_ci sm_ci_cluster(const double *sums, const double *counts, size_t clusters, int64_t seed);

/* McNemar's exact test, two-sided p value. Of the cases where exactly one of two judges was right,
 * `only_a` went to one and `only_b` to the other. It is the binomial test against one half; 1 if
 * there are no such cases. */
double sm_mcnemar(size_t only_a, size_t only_b);

/* Paired tests of differences against 0, two-sided p values. The permutation test flips signs: all
 * patterns for up to 20 differences, else 99,999 draws. Wilcoxon's signed-rank test leaves out
 * zeros. It is exact for up to 50 differences without zeros and ties, else the normal
 * approximation; 1 if all are zero. */
double sm_permutation(const double *differences, size_t n, int64_t seed);
double sm_wilcoxon(const double *differences, size_t n);

/* Cohen's kappa of two raters with two answers: counts[i][k] cases where one says i, the other
 * k. */
double sm_kappa(const size_t counts[2][2]);

/* Effect sizes: Cohen's h of two shares, and d of paired differences (their mean over their
 * standard deviation). */
double sm_cohen_h(double share_a, double share_b);
double sm_cohen_d(const double *differences, size_t n);

#endif
