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

/* Intervals of a share that draw nothing and stay in [0, 1]: Wilson's score interval (for any
 * quantile; and at the level above, also of values that have a `sum` and are not all 0 or 1), and
 * the exact one of Clopper and Pearson, which for independent values is never too short. */
struct sm_ci sm_ci_score(double share, double n, double quantile);
struct sm_ci sm_ci_wilson(size_t successes, size_t n);
struct sm_ci sm_ci_wilson_sum(double sum, double n);
struct sm_ci sm_ci_exact(size_t successes, size_t n);

/* Where `n` values are all the same, `value`, their mean may yet be another: a share of them, up to
 * Wilson's bound for none of `n`, may be anything from `least` to `most`. */
struct sm_ci sm_ci_same(double value, double n, double least, double most);

/* What can be chosen. SM_CI_AUTO: by user or, for one user, by pair. */
enum sm_ci_method {
    SM_CI_AUTO,
    SM_CI_BASIC,
    SM_CI_PERCENTILE,
    SM_CI_BCA,
    SM_CI_WILSON,
    SM_CI_EXACT,
    SM_CI_CLUSTER,
    SM_CI_KORN_GRAUBARD
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

/* The sign test, exact and two-sided: of independent cases, `a` went one way and `b` the other. It
 * is the binomial test against one half; 1 if there are no cases. */
double sm_sign_test(size_t a, size_t b);

/* Paired tests of differences against 0, two-sided p values. The permutation test flips signs: all
 * patterns for up to 20 differences, else 99,999 draws. Wilcoxon's signed-rank test leaves out
 * zeros and gives those of equal size the mean of their ranks. It is exact for up to 25 differences
 * that are left, else the normal approximation with its variance corrected for ties; 1 if all are
 * zero. */
double sm_permutation(const double *differences, size_t n, int64_t seed);
double sm_wilcoxon(const double *differences, size_t n);

/* Cohen's kappa of two raters with two answers: counts[i][k] cases where one says i, the other
 * k. */
double sm_kappa(const size_t (*counts)[2]);

/* Effect sizes: Cohen's h of two shares, and d of paired differences (their mean over their
 * standard deviation). */
double sm_cohen_h(double share_a, double share_b);
double sm_cohen_d(const double *differences, size_t n);

#endif
