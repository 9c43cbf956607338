#include "lib/eval/stats.h"

#include "lib/base/mem.h"
#include "lib/eval/resample.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static const double tail_share = (1 - SM_CI_LEVEL) / 2;
static const double normal_quantile = 1.9599639845400545; /* of 1 - tail_share */

/* Anything less is lost in rounding when a sum holds a weight of 1. */
static const double negligible = 1e-20;

double sm_mean(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return n ? sum / (double)n : NAN;
}

const char *sm_ci_name(enum sm_ci_method method)
{
    static const char *const names[] = {"auto",   "basic", "percentile", "bca",
                                        "wilson", "exact", "cluster",    "korn-graubard"};
    return names[method];
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Interpolates linearly between two order statistics, as numpy does by default. */
static double quantile(const double *sorted, size_t n, double share)
{
    double rank = share * (double)(n - 1);
    size_t below = (size_t)rank;
    if (below + 1 >= n)
        return sorted[n - 1];
    return sorted[below] + (rank - (double)below) * (sorted[below + 1] - sorted[below]);
}

static struct sm_ci basic_interval(double mean, const double *sorted_means)
{
    return (struct sm_ci){
        .low = 2 * mean - quantile(sorted_means, SM_CI_RESAMPLES, 1 - tail_share),
        .high = 2 * mean - quantile(sorted_means, SM_CI_RESAMPLES, tail_share),
    };
}

/* The sorted means of resamples of clusters; see sm_resample(). */
static double *resampled_means(const double *sums, const double *counts, size_t n, int64_t seed)
{
    struct sm_rng rng;
    sm_rng_seed(&rng, seed);
    double *means = sm_alloc(SM_CI_RESAMPLES, sizeof *means);
    sm_resample(sums, counts, n, &rng, means, SM_CI_RESAMPLES);
    qsort(means, SM_CI_RESAMPLES, sizeof *means, compare_doubles);
    return means;
}

struct sm_ci sm_ci_basic(const double *values, size_t n, int64_t seed)
{
    if (n == 0)
        return (struct sm_ci){NAN, NAN};
    double *means = resampled_means(values, NULL, n, seed);
    struct sm_ci ci = basic_interval(sm_mean(values, n), means);
    free(means);
    return ci;
}

/* The distribution of the successes in a resample of n values, k of them 1: Binomial(n, k/n). It
 * only holds the counts that can matter: `size` of them, from `first` on. */
struct binomial {
    size_t first, size;
    double *cumulative; /* up to and including each count; unscaled: the last is the total */
};

/* How much likelier `count` + 1 successes are than `count`. */
static double step_up(size_t count, size_t k, size_t n)
{
    return (double)(n - count) / (double)(count + 1) * (double)k / (double)(n - k);
}

/* Weights are relative to that of the mode, which is k, and taken from it outwards: that needs no
 * logarithm or factorial, and nothing overflows or cancels for any n. Requires 0 < k < n. */
static struct binomial binomial_open(size_t k, size_t n)
{
    size_t first = k, last = k;
    for (double weight = 1; first > 0 && weight > negligible; first--)
        weight /= step_up(first - 1, k, n);
    for (double weight = 1; last < n && weight > negligible; last++)
        weight *= step_up(last, k, n);

    size_t size = last - first + 1;
    double *sums = sm_alloc(size, sizeof *sums);
    sums[k - first] = 1;
    for (size_t count = k; count > first; count--)
        sums[count - first - 1] = sums[count - first] / step_up(count - 1, k, n);
    for (size_t count = k; count < last; count++)
        sums[count - first + 1] = sums[count - first] * step_up(count, k, n);
    for (size_t i = 1; i < size; i++)
        sums[i] += sums[i - 1];
    return (struct binomial){.first = first, .size = size, .cumulative = sums};
}

/* The mean of a resample of 0/1 values is exactly a binomial count over n, so each resample is one
 * draw. Tallying the draws also sorts them. Requires 0 < successes < n. */
static void draw_shares(double *means, size_t successes, size_t n, struct sm_rng *rng)
{
    struct binomial table = binomial_open(successes, n);
    size_t filled = 0, *tally = sm_alloc(table.size, sizeof *tally);
    sm_draw_tally(table.cumulative, table.size, rng, SM_CI_RESAMPLES, tally);
    for (size_t i = 0; i < table.size; i++)
        for (; tally[i]; tally[i]--)
            means[filled++] = (double)(table.first + i) / (double)n;
    free(tally);
    free(table.cumulative);
}

/* Resamples of values 0, 0.5 and 1: a binomial count of halves, another of ones among the rest. */
static void draw_means(double *means, size_t ones, size_t halves, size_t n, struct sm_rng *rng)
{
    double share_half = (double)halves / (double)n;
    double share_one = n > halves ? (double)ones / (double)(n - halves) : 0;
    for (size_t i = 0; i < SM_CI_RESAMPLES; i++) {
        size_t half = sm_draw_binomial(n, share_half, rng),
               one = sm_draw_binomial(n - half, share_one, rng);
        means[i] = ((double)one + 0.5 * (double)half) / (double)n;
    }
    qsort(means, SM_CI_RESAMPLES, sizeof *means, compare_doubles);
}

static double normal_share(double z)
{
    return 0.5 * erfc(-z / sqrt(2));
}

/* The inverse of normal_share(), by bisection: 60 steps exceed the precision of a double. */
static double normal_of(double share)
{
    double low = -40, high = 40;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (normal_share(middle) < share)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Efron, B. (1987), Better bootstrap confidence intervals, JASA 82. */
static struct sm_ci bca_interval(const double *means, size_t ones, size_t halves, size_t n)
{
    double total = (double)n, mean = ((double)ones + 0.5 * (double)halves) / total;
    double counts[3] = {total - (double)ones - (double)halves, (double)halves, (double)ones};
    double squares = 0, cubes = 0, rank = 0;
    for (int i = 0; i < 3; i++) {
        double apart = (0.5 * i - mean) / (total - 1);
        squares += counts[i] * apart * apart;
        cubes += counts[i] * apart * apart * apart;
    }
    for (size_t i = 0; i < SM_CI_RESAMPLES; i++)
        rank += means[i] < mean ? 1 : means[i] == mean ? 0.5 : 0;
    double acceleration = cubes / (6 * pow(squares, 1.5)), bias = normal_of(rank / SM_CI_RESAMPLES);
    double ends[2] = {-normal_quantile, normal_quantile};
    for (int i = 0; i < 2; i++) {
        double moved = bias + ends[i];
        ends[i] = normal_share(bias + moved / (1 - acceleration * moved));
    }
    return (struct sm_ci){.low = quantile(means, SM_CI_RESAMPLES, ends[0]),
                          .high = quantile(means, SM_CI_RESAMPLES, ends[1])};
}

struct sm_ci sm_ci_mean(enum sm_ci_method method, size_t ones, size_t halves, size_t n,
                        int64_t seed)
{
    double mean = n ? ((double)ones + 0.5 * (double)halves) / (double)n : NAN;
    if (n == 0 || ones == n || halves == n || ones + halves == 0)
        return (struct sm_ci){mean, mean};
    struct sm_rng rng;
    sm_rng_seed(&rng, seed);
    double *means = sm_alloc(SM_CI_RESAMPLES, sizeof *means);
    if (halves == 0)
        draw_shares(means, ones, n, &rng);
    else
        draw_means(means, ones, halves, n, &rng);
    struct sm_ci ci = {quantile(means, SM_CI_RESAMPLES, tail_share),
                       quantile(means, SM_CI_RESAMPLES, 1 - tail_share)};
    if (method == SM_CI_BASIC)
        ci = basic_interval(mean, means);
    else if (method == SM_CI_BCA)
        ci = bca_interval(means, ones, halves, n);
    free(means);
    return ci;
}

struct sm_ci sm_ci_cluster(const double *sums, const double *counts, size_t clusters, int64_t seed)
{
    if (clusters == 0)
        return (struct sm_ci){NAN, NAN};
    double *means = resampled_means(sums, counts, clusters, seed);
    struct sm_ci ci = {quantile(means, SM_CI_RESAMPLES, tail_share),
                       quantile(means, SM_CI_RESAMPLES, 1 - tail_share)};
    free(means);
    return ci;
}

struct sm_ci sm_ci_score(double share, double n, double quantile)
{
    double square = quantile * quantile, divisor = 1 + square / n;
    double center = (share + square / (2 * n)) / divisor;
    double half = quantile / divisor * sqrt(share * (1 - share) / n + square / (4 * n * n));
    return (struct sm_ci){
        .low = share <= 0 ? 0 : fmax(0, center - half),
        .high = share >= 1 ? 1 : fmin(1, center + half),
    };
}

struct sm_ci sm_ci_wilson(size_t successes, size_t n)
{
    return sm_ci_wilson_sum((double)successes, (double)n);
}

struct sm_ci sm_ci_wilson_sum(double sum, double n)
{
    if (!(n > 0))
        return (struct sm_ci){NAN, NAN};
    return sm_ci_score(sum / n, n, normal_quantile);
}

struct sm_ci sm_ci_same(double value, double n, double least, double most)
{
    double others = sm_ci_wilson_sum(0, n).high;
    return (struct sm_ci){.low = value - others * (value - least),
                          .high = value + others * (most - value)};
}

/* P(X >= k) for X ~ Binomial(n, p). Requires 0 < p < 1 and about k >= np - 1: the terms then fall
 * from the first one on. */
static double upper_tail(size_t k, size_t n, double p)
{
    double term = exp(lgamma((double)n + 1) - lgamma((double)k + 1) - lgamma((double)(n - k) + 1) +
                      (double)k * log(p) + (double)(n - k) * log1p(-p));
    double sum = term, odds = p / (1 - p);
    for (size_t count = k; count < n && term > negligible * sum; count++) {
        term *= (double)(n - count) / (double)(count + 1) * odds;
        sum += term;
    }
    return sum;
}

/* The share at which `successes` or more occur with probability tail_share. */
static double exact_low(size_t successes, size_t n)
{
    if (successes == 0)
        return 0;
    double low = 0, high = (double)successes / (double)n;
    for (;;) {
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high)
            return middle;
        if (upper_tail(successes, n, middle) < tail_share)
            low = middle;
        else
            high = middle;
    }
}

struct sm_ci sm_ci_exact(size_t successes, size_t n)
{
    if (n == 0)
        return (struct sm_ci){NAN, NAN};
    return (struct sm_ci){
        .low = exact_low(successes, n),
        .high = 1 - exact_low(n - successes, n),
    };
}

double sm_sign_test(size_t a, size_t b)
{
    if (a == b)
        return 1;
    return fmin(1, 2 * upper_tail(a > b ? a : b, a + b, 0.5));
}
