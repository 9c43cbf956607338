/* A test of the mean of differences that holds whenever one looks: by betting, in the manner of
 * Waudby-Smith and Ramdas, Estimating means of bounded random variables by betting, JRSS B 86,
 * 2024. */
#ifndef SM_EVAL_SEQUENTIAL_H
#define SM_EVAL_SEQUENTIAL_H

#include <stddef.h>

/* All-zero is the beginning. Somebody who bets half of what he has on each difference being above
 * 0, and somebody who bets on its being below, have on average no more than they began with if the
 * mean is 0 for each user given those before. That the mean of what both have ever reaches 1/p
 * times that has then a chance of at most p (Ville's inequality). */
struct sm_sequential {
    size_t n;
    double log_up, log_down; /* what each has */
    double log_most;         /* the most that both together ever had */
};

/* Adds a difference, from -1 to 1. */
void sm_sequential_add(struct sm_sequential *s, double difference);

/* What both have now, as a multiple of what they began with, at most 1e300; and the p value, valid
 * after any number of differences. */
double sm_sequential_e(const struct sm_sequential *s);
double sm_sequential_p(const struct sm_sequential *s);

#endif
