/* What each criterion of a rubric weighs for a user, from pairs of which the choice is known.
 *
 * Let d be the scores of the chosen reply less those of the other one, by criterion, and s the
 * weights that the model stated, whose absolute values sum to 1. Logistic regression without an
 * intercept (there is no first place to lean to: d has no order) finds the b that are greatest in
 *
 *   sum over the pairs of log(1 / (1 + exp(-b . d))) - lambda / 2 * sum of (m (b_k - c s_k))^2
 *
 * where m is the root of the mean of d_k^2 over pairs and criteria, and 1 / c is the scale that
 * sm_scale_fit() gives for the stated weights alone (m where it gives none). So the ridge draws
 * towards the stated weights, made as sure as they deserve, not towards zero: the ridge of le
 * Cessie and van Houwelingen (1992) around another mean. It is the mode of a posterior with a
 * normal prior around c s whose standard deviation is 1 / sqrt(lambda) for a difference of m, in
 * log-odds; lambda is SM_WEIGHTS_LAMBDA for all, as the prior of scale.h is, since a user has too
 * few pairs to tell it from. The sum is strictly concave: there is one such b, finite even if every
 * pair is right. A criterion that never told two replies apart stays where the prior has it. */
#ifndef SM_JUDGE_WEIGHTS_H
#define SM_JUDGE_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>

#define SM_WEIGHTS_LAMBDA 1.0
enum { SM_WEIGHTS_MAX = 7 };

/* The rubric prefers the reply for which the sum of weight times score is greater, with the
 * probability sm_scale_probability(difference of the sums, scale). */
struct sm_weights {
    double at[SM_WEIGHTS_MAX]; /* b / sum of |b| */
    double scale;              /* 1 / sum of |b|; 0: nothing could be fitted */
};

/* `differences` has `count` rows of `criteria` numbers (at most SM_WEIGHTS_MAX). Where all are 0
 * the stated weights stay, with the scale 0. */
struct sm_weights sm_weights_fit(const double *differences, size_t count, const double *stated,
                                 size_t criteria);

/* The weighted sum of the first reply's scores less that of the second one's; 0 where the two are
 * equal but for rounding. */
double sm_weights_prefer(const double *weights, const double *first, const double *second,
                         size_t criteria);

#endif
