/* How good the best of several candidates is that were tried on the same pairs. Its own share of
 * right answers is flattered: it was chosen for it. So all answers are put into one model, a
 * logistic regression with normal effects of candidates and of pairs, which shrinks the winner
 * toward the others as far as they are alike, and takes into account that all have seen the same
 * few pairs. Candidates need not have answered all pairs: that one was given up for its wrong
 * answers is known to the model from these answers. */
#ifndef SM_EVAL_WINNER_H
#define SM_EVAL_WINNER_H

#include <stdbool.h>
#include <stddef.h>

struct sm_try {
    size_t candidate, pair; /* from 0 */
    bool right;
};

/* All borrowed. */
struct sm_tries {
    const struct sm_try *at;
    size_t count, candidates, pairs;
};

/* A share of right answers on further pairs, with its interval at SM_CI_LEVEL (stats.h). */
struct sm_worth {
    double mean, low, high;
};

/* Fills worth; and `above`, unless that is NULL: the probability that `candidate` is better than
 * `other`. */
void sm_winner_worth(const struct sm_tries *tries, size_t candidate, size_t other,
                     struct sm_worth *worth, double *above);

#endif
