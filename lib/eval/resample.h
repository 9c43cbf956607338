/* Draws with replacement. If many values are equal, as with many users, equal ones are drawn
 * together: their number is binomial, and the distribution is the same. */
#ifndef SM_EVAL_RESAMPLE_H
#define SM_EVAL_RESAMPLE_H

#include "lib/base/rng.h"

#include <stddef.h>

/* One draw of Binomial(n, p). */
size_t sm_draw_binomial(size_t n, double p, struct sm_rng *rng);

/* Draws `times` times from `size` outcomes and adds to tally[i] how often outcome i came.
 * `cumulative` holds the sum of the weights up to and including each outcome. */
void sm_draw_tally(const double *cumulative, size_t size, struct sm_rng *rng, size_t times,
                   size_t *tally);

/* Each of `times` means[i] becomes sum(sums) / sum(counts) over `n` >= 1 clusters drawn anew.
 * `counts` is NULL if each is 1. */
void sm_resample(const double *sums, const double *counts, size_t n, struct sm_rng *rng,
                 double *means, size_t times);

/* Clusters with equal sum and count. */
struct sm_lump {
    double sum, count;
    size_t times;
};

/* Makes lumps of `n` clusters if these are so few that drawing them is faster. Returns how many,
 * else 0. The caller frees *lumps. */
size_t sm_lumps(const double *sums, const double *counts, size_t n, struct sm_lump **lumps);

#endif
