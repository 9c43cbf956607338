/* Who is the best, by duels in which one of the two is shown first, which may help: the model of
 * Bradley and Terry (1952) with a term for the place (Davidson and Beaver 1977). `first` is
 * preferred to `second` with probability 1 / (1 + exp(s_second - s_first - lean)).
 *
 * Strengths have normal priors whose spread is not known: a few are averaged, by their evidence.
 * For each the posterior is Laplace's approximation (logistic.h). */
#ifndef SM_EVAL_DUELS_H
#define SM_EVAL_DUELS_H

#include "lib/eval/logistic.h"

#include <stdbool.h>
#include <stddef.h>

/* `won` is 1 if `first` was preferred, 0 if `second` was, or the probability, 0.5 for a tie. */
struct sm_duel {
    size_t first, second;
    double won;
};

enum { SM_SPREADS = 4 };

struct sm_duels;

/* For `n` contestants, numbers from 0. */
struct sm_duels *sm_duels_open(size_t n);
void sm_duels_close(struct sm_duels *duels);

/* Fits the model; the duels are borrowed for this call. The same duels in the same order give the
 * same figures, which hold until the next fit. */
void sm_duels_fit(struct sm_duels *duels, const struct sm_duel *list, size_t count);

/* The mean strength of a contestant, and the chance that no other is stronger: its share of 2,000
 * draws from each posterior, with a fixed seed. */
double sm_duels_strength(const struct sm_duels *duels, size_t i);
double sm_duels_chance(const struct sm_duels *duels, size_t i);

/* How much a duel of the two would tell about which of them is stronger, p (1 - p) times the
 * variance of the difference of their strengths. */
double sm_duels_doubt(const struct sm_duels *duels, size_t i, size_t k);

#endif
