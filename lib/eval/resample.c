#include "lib/eval/resample.h"

#include "lib/base/mem.h"

#include <math.h>

#define LUMPED_FROM 256 /* clusters */
#define LUMP_COST 16    /* draws of a cluster that take as long as one of a lump */
#define HALVES_MAX 4    /* the most that a pair's verdicts in both orders sum up to, in halves */

/* From the mode outwards: that needs no table, so that n may differ from draw to draw. */
size_t sm_draw_binomial(size_t n, double p, struct sm_rng *rng)
{
    if (n == 0 || p <= 0)
        return 0;
    if (p >= 1)
        return n;
    size_t mode = (size_t)((double)(n + 1) * p), low, high;
    mode = mode > n ? n : mode;
    double odds = p / (1 - p), left = sm_rng_double(rng);
    double at =
        exp(lgamma((double)n + 1) - lgamma((double)mode + 1) - lgamma((double)(n - mode) + 1) +
            (double)mode * log(p) + (double)(n - mode) * log1p(-p));
    double below = at, above = at;
    low = high = mode;
    if ((left -= at) < 0)
        return mode;
    while (low > 0 || high < n) {
        if (high < n) {
            above *= (double)(n - high) / (double)(high + 1) * odds;
            high++;
            if ((left -= above) < 0)
                return high;
        }
        if (low > 0) {
            below *= (double)low / (double)(n - low + 1) / odds;
            low--;
            if ((left -= below) < 0)
                return low;
        }
    }
    return mode;
}

static int compare_lumps(const void *left, const void *right)
{
    const struct sm_lump *a = left, *b = right;
    if (a->sum != b->sum)
        return (a->sum > b->sum) - (a->sum < b->sum);
    return (a->count > b->count) - (a->count < b->count);
}

size_t sm_lumps(const double *sums, const double *counts, size_t n, struct sm_lump **lumps)
{
    size_t used = 0;
    *lumps = NULL;
    if (n < LUMPED_FROM)
        return 0;
    struct sm_lump *all = sm_alloc(n, sizeof *all);
    for (size_t i = 0; i < n; i++)
        all[i] = (struct sm_lump){sums[i], counts ? counts[i] : 1, 1};
    qsort(all, n, sizeof *all, compare_lumps);
    for (size_t i = 0; i < n; i++) {
        if (used > 0 && compare_lumps(&all[used - 1], &all[i]) == 0)
            all[used - 1].times++;
        else
            all[used++] = all[i];
    }
    if (used * LUMP_COST > n) {
        free(all);
        return 0;
    }
    *lumps = all;
    return used;
}

static double draw_clusters(const double *sums, const double *counts, size_t n, struct sm_rng *rng)
{
    double sum = 0, count = 0;
    for (size_t i = 0; i < n; i++) {
        size_t drawn = (size_t)sm_rng_below(rng, n);
        sum += sums[drawn];
        count += counts ? counts[drawn] : 1;
    }
    return sum / count;
}

static double draw_lumps(const struct sm_lump *lumps, size_t used, size_t n, struct sm_rng *rng)
{
    double sum = 0, count = 0;
    size_t left = n, others = n; /* draws left, and clusters that they may take */
    for (size_t i = 0; i < used; i++) {
        size_t drawn = i + 1 == used
                           ? left
                           : sm_draw_binomial(left, (double)lumps[i].times / (double)others, rng);
        sum += (double)drawn * lumps[i].sum;
        count += (double)drawn * lumps[i].count;
        left -= drawn;
        others -= lumps[i].times;
    }
    return sum / count;
}

void sm_draw_tally(const double *cumulative, size_t size, struct sm_rng *rng, size_t times,
                   size_t *tally)
{
    while (times--) {
        double aim = sm_rng_double(rng) * cumulative[size - 1];
        size_t low = 0, high = size - 1;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (cumulative[middle] > aim)
                high = middle;
            else
                low = middle + 1;
        }
        tally[low]++;
    }
}

/* Counts clusters by their sum in halves. False if counts differ, or a sum is anything else. */
static bool count_halves(const double *sums, const double *counts, size_t n,
                         size_t times[HALVES_MAX + 1])
{
    for (size_t i = 0; i < n; i++) {
        double halves = 2 * sums[i];
        if (counts[i] != counts[0] || !(halves >= 0 && halves <= HALVES_MAX) ||
            halves != (double)(size_t)halves)
            return false;
        times[(size_t)halves]++;
    }
    return true;
}

/* The sum of n drawn clusters is one draw from its own distribution, the n-fold convolution of that
 * of a single one. Gives the means in order. */
static void draw_halves(const size_t times[HALVES_MAX + 1], size_t n, double count,
                        struct sm_rng *rng, double *means, size_t wanted)
{
    size_t size = HALVES_MAX * n + 1, *tally = sm_alloc(size, sizeof *tally);
    double *share = sm_alloc(size, sizeof *share);
    share[0] = 1;
    for (size_t drawn = 1; drawn <= n; drawn++)
        for (size_t sum = HALVES_MAX * drawn + 1; sum-- > 0;) {
            double all = 0;
            for (size_t k = 0; k <= HALVES_MAX && k <= sum; k++)
                all += share[sum - k] * (double)times[k] / (double)n;
            share[sum] = all;
        }
    for (size_t sum = 1; sum < size; sum++)
        share[sum] += share[sum - 1];
    sm_draw_tally(share, size, rng, wanted, tally);
    for (size_t sum = 0, filled = 0; sum < size; sum++)
        for (; tally[sum]; tally[sum]--)
            means[filled++] = 0.5 * (double)sum / ((double)n * count);
    free(share);
    free(tally);
}

void sm_resample(const double *sums, const double *counts, size_t n, struct sm_rng *rng,
                 double *means, size_t times)
{
    struct sm_lump *lumps;
    size_t used = sm_lumps(sums, counts, n, &lumps), halves[HALVES_MAX + 1] = {0};
    if (counts && n < LUMPED_FROM && count_halves(sums, counts, n, halves)) {
        draw_halves(halves, n, counts[0], rng, means, times);
        return;
    }
    for (size_t i = 0; i < times; i++)
        means[i] = used ? draw_lumps(lumps, used, n, rng) : draw_clusters(sums, counts, n, rng);
    free(lumps);
}
