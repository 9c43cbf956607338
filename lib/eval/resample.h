/* Draws with replacement. Where many of the values are equal, as those of many users are, equal
 * ones are drawn together: how many of them come is binomial, and the distribution is the same. */
#ifndef SM_EVAL_RESAMPLE_H
#define SM_EVAL_RESAMPLE_H

#include "lib/base/rng.h"

#include <stddef.h>

/* One draw of Binomial(n, p). */
size_t sm_draw_binomial(size_t n, double p, struct sm_rng *rng);

/* Draws `times` times from `size` outcomes, by the sum of the weights up to and with each, and adds
 * to tally[i] how often outcome i came. */
void sm_draw_tally(const double *cumulative, size_t size, struct sm_rng *rng, size_t times,
                   size_t *tally);

/* means[i] becomes sum(sums) / sum(counts) over `n` >= 1 clusters that are drawn anew for each of
 * `times` means. `counts` is NULL if each is 1. */
void sm_resample(const double *sums, const double *counts, size_t n, struct sm_rng *rng,
                 double *means, size_t times);

/* Equal (sum, count) pairs, in one. */
struct sm_lump {
    double sum, count;
    size_t times;
};

/* The lumps that `n` clusters are made of, if they are so few that drawing lumps is quicker; else
 * 0. The caller frees *lumps. */
size_t sm_lumps(const double *sums, const double *counts, size_t n, struct sm_lump **lumps);

#endif
