#include "stats.h"

#include "mem.h"
#include "rng.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static const double tail_share = (1 - SM_CI_LEVEL) / 2;
static const double normal_quantile = 1.9599639845400545; /* of 1 - tail_share */

/* Beside a weight of 1, less than this is lost in the rounding of any sum. */
static const double negligible = 1e-20;

double sm_mean(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return n ? sum / (double)n : NAN;
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Between two order statistics the quantile is interpolated linearly, numpy's default. */
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

static double resampled_mean(const double *values, size_t n, struct sm_rng *rng)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[sm_rng_below(rng, n)];
    return sum / (double)n;
}

struct sm_ci sm_ci_basic(const double *values, size_t n, int64_t seed)
{
    if (n == 0)
        return (struct sm_ci){NAN, NAN};
    struct sm_rng rng;
    sm_rng_seed(&rng, seed);
    double *means = sm_alloc(SM_CI_RESAMPLES, sizeof *means);
    for (size_t i = 0; i < SM_CI_RESAMPLES; i++)
        means[i] = resampled_mean(values, n, &rng);
    qsort(means, SM_CI_RESAMPLES, sizeof *means, compare_doubles);
    struct sm_ci ci = basic_interval(sm_mean(values, n), means);
    free(means);
    return ci;
}

/* The distribution of the successes in a resample of n values, k of them 1: Binomial(n, k/n). Only
 * the counts that can matter are held: those from `first` on, `size` of them. */
struct binomial {
    size_t first, size;
    double *cumulative; /* up to and with each count; not scaled: the last one is the total */
};

/* How much likelier `count` + 1 successes are than `count`. */
static double step_up(size_t count, size_t k, size_t n)
{
    return (double)(n - count) / (double)(count + 1) * (double)k / (double)(n - k);
}

/* Weights are taken relative to that of the mode, which is k, and from it outwards: no logarithm
 * or factorial is needed, and nothing overflows or cancels for any n. Needs 0 < k < n. */
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

/* Inverts the distribution: the place in the table of the first count whose sum exceeds a uniform
 * draw. */
static size_t binomial_draw(const struct binomial *table, struct sm_rng *rng)
{
    double aim = sm_rng_double(rng) * table->cumulative[table->size - 1];
    size_t low = 0, high = table->size - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->cumulative[middle] > aim)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The mean of a resample of 0/1 values is exactly a binomial count over n, so each resample is one
 * draw; tallying the draws also sorts them. */
struct sm_ci sm_ci_basic_share(size_t successes, size_t n, int64_t seed)
{
    double share = n ? (double)successes / (double)n : NAN;
    if (successes == 0 || successes == n)
        return (struct sm_ci){share, share};
    struct sm_rng rng;
    sm_rng_seed(&rng, seed);
    struct binomial table = binomial_open(successes, n);
    unsigned *tally = sm_alloc(table.size, sizeof *tally);
    for (size_t i = 0; i < SM_CI_RESAMPLES; i++)
        tally[binomial_draw(&table, &rng)]++;

    double *means = sm_alloc(SM_CI_RESAMPLES, sizeof *means);
    size_t filled = 0;
    for (size_t i = 0; i < table.size; i++)
        for (unsigned times = tally[i]; times; times--)
            means[filled++] = (double)(table.first + i) / (double)n;
    struct sm_ci ci = basic_interval(share, means);
    free(means);
    free(tally);
    free(table.cumulative);
    return ci;
}

struct sm_ci sm_ci_wilson(size_t successes, size_t n)
{
    if (n == 0)
        return (struct sm_ci){NAN, NAN};
    double total = (double)n, share = (double)successes / total;
    double square = normal_quantile * normal_quantile;
    double center = (share + square / (2 * total)) / (1 + square / total);
    double half = normal_quantile / (1 + square / total) *
                  sqrt(share * (1 - share) / total + square / (4 * total * total));
    return (struct sm_ci){
        .low = successes == 0 ? 0 : center - half,
        .high = successes == n ? 1 : center + half,
    };
}

/* P(X >= k) for X ~ Binomial(n, p). Needs 0 < p < 1 and k >= np - 1 or so: the terms then fall from
 * the first one on. */
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

/* The share at which `successes` or more would be seen with a chance of tail_share. */
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

double sm_mcnemar(size_t only_a, size_t only_b)
{
    if (only_a == only_b)
        return 1;
    size_t more = only_a > only_b ? only_a : only_b;
    return fmin(1, 2 * upper_tail(more, only_a + only_b, 0.5));
}
