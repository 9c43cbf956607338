/* Strengths from paired comparisons, by the model of Bradley and Terry (1952): i is preferred to k
 * with probability exp(s_i) / (exp(s_i) + exp(s_k)). */
#ifndef SM_EVAL_BRADLEY_TERRY_H
#define SM_EVAL_BRADLEY_TERRY_H

#include <stddef.h>

/* A log-strength, and its interval at SM_CI_LEVEL (stats.h). */
struct sm_strength {
    double score, low, high;
};

/* Fills strengths[n]. wins[i * n + k] (borrowed) is how often i won against k, where a tie is half
 * a win for each. `prior` (above 0) is how many ties to add for each with an opponent of strength
 * 0: they keep the scores of one who won or lost everything finite. Scores have mean 0. They are
 * the penalized maximum likelihood, found by the MM algorithm of Hunter (2004). Intervals are
 * Wald's, from the inverse of the observed information. */
void sm_bradley_terry(const double *wins, size_t n, double prior, struct sm_strength *strengths);

#endif
