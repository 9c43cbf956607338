/* Accuracies of users that borrow from each other: a hierarchical beta-binomial model (Gelman and
 * others, Bayesian Data Analysis, 2013, section 5.3). */
#ifndef SM_EVAL_SHRINK_H
#define SM_EVAL_SHRINK_H

#include <stddef.h>

/* A user's pairs, and the sum of how right they were, each from 0 to 1. */
struct sm_trials {
    double sum, n;
};

struct sm_shrunk {
    double mean, low, high; /* the posterior mean, and its central interval at SM_CI_LEVEL */
    double above_half;      /* the posterior chance that the accuracy is above one half */
};

/* Fills shrunk[count] from users[count] (borrowed). The users' true accuracies are of a beta
 * distribution whose mean (0.05, 0.06 … 0.95) and standard deviation (0.01, 0.02 … 0.35) are
 * equally likely beforehand where both of its parameters are at least 1/2. No single mean and
 * deviation is chosen, as plain empirical Bayes does: its intervals are too short. Accurate to
 * 1e-6. A user without pairs (n = 0) has what the others tell. */
void sm_shrink(const struct sm_trials *users, size_t count, struct sm_shrunk *shrunk);

#endif
