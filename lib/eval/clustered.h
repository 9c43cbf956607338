/* A share whose values depend on each other within clusters: the verdicts of a user, or those of a
 * pair in both orders. Its standard errors, and intervals that hold for other clusters of the same
 * kind.
 *
 * Values lie from 0 to 1, or, for differences of two shares, from -1 to 1. Arrays are borrowed. A
 * figure that there is not (no clusters; an error from one cluster alone) is NAN. */
#ifndef SM_EVAL_CLUSTERED_H
#define SM_EVAL_CLUSTERED_H

#include "lib/eval/stats.h"

struct sm_clustered {
    size_t clusters;
    double n;           /* values */
    double share;       /* of all values alike */
    double se_cr0;      /* its standard errors: as Miller gives it, */
    double se_cr1;      /* with G / (G - 1), */
    double se, degrees; /* and CR2, with Bell and McCaffrey's degrees of freedom for Student's t */
    double deff;        /* the design effect, se_cr1^2 n / (share (1 - share)) */
    double mean, mean_se; /* of the clusters' own shares, each counting the same */
};

/* Of sum(sums) / sum(counts); counts[i] > 0 values in cluster i have the sum sums[i]. Takes time in
 * proportion to the clusters. */
struct sm_clustered sm_clustered(const double *sums, const double *counts, size_t clusters);

/* Intervals of `share` and `mean`, of values from 0 to 1: by Student's t where the share lies from
 * 0.2 to 0.8 and its interval within 0 and 1; nearer to an end, Wilson's, with t for z and for n
 * the number of independent values that would have that standard error. NAN where all clusters have
 * the same share, or there is only one. */
struct sm_ci sm_ci_share(const struct sm_clustered *c);
struct sm_ci sm_ci_mean_share(const struct sm_clustered *c);

/* The same of differences: by Student's t, cut off at -1 and 1. */
struct sm_ci sm_ci_difference(const struct sm_clustered *c);
struct sm_ci sm_ci_mean_difference(const struct sm_clustered *c);

/* Korn and Graubard's: that of Clopper and Pearson for the effective number of values. */
struct sm_ci sm_ci_korn_graubard(const struct sm_clustered *c);

#endif
