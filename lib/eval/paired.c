/* Tests and effect sizes for two judges over the same users. */
#include "lib/base/mem.h"
#include "lib/eval/resample.h"
#include "lib/eval/stats.h"

#include <math.h>
#include <stdbool.h>

#define ENUMERATED_MAX 20
#define PERMUTATIONS 99999
#define EXACT_RANKS_MAX 25

static const double slack = 1e-12; /* for sums of the same numbers in another order */

/* The sums of `n` differences under all sign patterns, 2^n of them. */
static double *signed_sums(const double *differences, size_t n)
{
    double *sums = sm_alloc((size_t)1 << n, sizeof *sums);
    for (size_t i = 0, used = 1; i < n; i++, used *= 2)
        for (size_t k = 0; k < used; k++) {
            sums[used + k] = sums[k] - differences[i];
            sums[k] += differences[i];
        }
    return sums;
}

/* The sum of each sign pattern is one of the left half plus one of the right. That takes few
 * additions: a sum that ran through all patterns would round off more than the slack. */
static double enumerate_signs(const double *differences, size_t n, double least)
{
    size_t half = n / 2, rest = n - half, extreme = 0;
    double *left = signed_sums(differences, half), *right = signed_sums(differences + half, rest);
    for (size_t i = 0; i < (size_t)1 << half; i++)
        for (size_t k = 0; k < (size_t)1 << rest; k++)
            extreme += fabs(left[i] + right[k]) >= least;
    free(left);
    free(right);
    return (double)extreme / (double)((size_t)1 << n);
}

static double flip_signs(const double *differences, size_t n, struct sm_rng *rng)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += sm_rng_below(rng, 2) ? differences[i] : -differences[i];
    return sum;
}

static double flip_lumps(const struct sm_lump *lumps, size_t used, struct sm_rng *rng)
{
    double sum = 0;
    for (size_t i = 0; i < used; i++) {
        double plus = (double)sm_draw_binomial(lumps[i].times, 0.5, rng);
        sum += lumps[i].sum * (2 * plus - (double)lumps[i].times);
    }
    return sum;
}

static double draw_signs(const double *sizes, const double *differences, size_t n, double least,
                         int64_t seed)
{
    struct sm_lump *lumps;
    struct sm_rng rng;
    size_t used = sm_lumps(sizes, NULL, n, &lumps), extreme = 1; /* the observed pattern is one */
    sm_rng_seed(&rng, seed);
    for (size_t draw = 0; draw < PERMUTATIONS; draw++) {
        double sum = used ? flip_lumps(lumps, used, &rng) : flip_signs(differences, n, &rng);
        extreme += fabs(sum) >= least;
    }
    free(lumps);
    return (double)extreme / (PERMUTATIONS + 1);
}

double sm_permutation(const double *differences, size_t n, int64_t seed)
{
    double observed = 0, most = 0, p = NAN;
    double *sizes = sm_alloc(n, sizeof *sizes);
    for (size_t i = 0; i < n; i++) {
        sizes[i] = fabs(differences[i]);
        observed += differences[i];
        most += sizes[i];
    }
    double least = fabs(observed) - slack * most;
    if (n > ENUMERATED_MAX)
        p = draw_signs(sizes, differences, n, least, seed);
    else if (n > 0)
        p = enumerate_signs(differences, n, least);
    free(sizes);
    return p;
}

static int compare_sizes(const void *left, const void *right)
{
    double a = fabs(*(const double *)left), b = fabs(*(const double *)right);
    return (a > b) - (a < b);
}

/* P(W <= w) of the signed-rank sum, by counting the subsets of each sum. Ranks and `w` are doubled:
 * a rank of ties may end in a half. */
static double exact_ranks(const size_t *ranks, size_t n, size_t w)
{
    size_t most = n * (n + 1), reached = 0;
    double *ways = sm_alloc(most + 1, sizeof *ways), below = 0;
    ways[0] = 1;
    for (size_t i = 0; i < n; i++) {
        reached += ranks[i];
        for (size_t sum = reached; sum >= ranks[i]; sum--)
            ways[sum] += ways[sum - ranks[i]];
    }
    for (size_t sum = 0; sum <= w; sum++)
        below += ways[sum];
    free(ways);
    return below / pow(2, (double)n);
}

/* The signed ranks of differences that are not zero, ordered by size. */
struct ranks {
    size_t *doubled; /* twice each rank */
    size_t plus;     /* the sum of those of positive differences */
    double ties;     /* the sum of t^3 - t over groups of t equal sizes */
};

static void rank_sizes(const double *sorted, size_t n, struct ranks *r)
{
    for (size_t i = 0, next; i < n; i = next) {
        for (next = i + 1; next < n && fabs(sorted[next]) == fabs(sorted[i]);)
            next++;
        double same = (double)(next - i);
        r->ties += same * same * same - same;
        for (size_t k = i; k < next; k++) {
            r->doubled[k] = i + next + 1;
            r->plus += sorted[k] > 0 ? r->doubled[k] : 0;
        }
    }
}

double sm_wilcoxon(const double *differences, size_t n)
{
    double *sorted = sm_alloc(n, sizeof *sorted), p;
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (differences[i] != 0)
            sorted[count++] = differences[i];
    }
    qsort(sorted, count, sizeof *sorted, compare_sizes);
    struct ranks r = {.doubled = sm_alloc(count, sizeof *r.doubled)};
    rank_sizes(sorted, count, &r);
    double total = (double)count, half = total * (total + 1) / 4;
    if (count == 0) {
        p = n ? 1 : NAN;
    } else if (count <= EXACT_RANKS_MAX) {
        size_t minus = count * (count + 1) - r.plus;
        p = fmin(1, 2 * exact_ranks(r.doubled, count, r.plus < minus ? r.plus : minus));
    } else {
        double variance = total * (total + 1) * (2 * total + 1) / 24 - r.ties / 48;
        p = erfc(fabs((double)r.plus / 2 - half) / sqrt(2 * variance));
    }
    free(sorted);
    free(r.doubled);
    return p;
}

double sm_kappa(const size_t (*counts)[2])
{
    double n = 0, same = (double)counts[0][0] + (double)counts[1][1], chance = 0;
    for (int i = 0; i < 2; i++)
        n += (double)counts[i][0] + (double)counts[i][1];
    for (int i = 0; i < 2 && n > 0; i++) {
        double one = (double)counts[i][0] + (double)counts[i][1];
        double other = (double)counts[0][i] + (double)counts[1][i];
        chance += one / n * (other / n);
    }
    return n > 0 && chance < 1 ? (same / n - chance) / (1 - chance) : NAN;
}

double sm_cohen_h(double share_a, double share_b)
{
    return 2 * asin(sqrt(share_a)) - 2 * asin(sqrt(share_b));
}

double sm_cohen_d(const double *differences, size_t n)
{
    double mean = sm_mean(differences, n), squares = 0;
    for (size_t i = 0; i < n; i++)
        squares += (differences[i] - mean) * (differences[i] - mean);
    return n > 1 && squares > 0 ? mean / sqrt(squares / (double)(n - 1)) : NAN;
}
