#include "resample.h"

#include "mem.h"

#include <math.h>

#define LUMPED_FROM 256 /* clusters */
#define LUMP_COST 16    /* draws of a cluster in the time of one of a lump */

/* From the mode outwards: needs no table, so that n may differ from draw to draw. */
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
    size_t left = n, others = n; /* draws, and clusters that these may be of */
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

void sm_resample(const double *sums, const double *counts, size_t n, struct sm_rng *rng,
                 double *means, size_t times)
{
    struct sm_lump *lumps;
    size_t used = sm_lumps(sums, counts, n, &lumps);
    for (size_t i = 0; i < times; i++)
        means[i] = used ? draw_lumps(lumps, used, n, rng) : draw_clusters(sums, counts, n, rng);
    free(lumps);
}
