/* Logistic regression whose coefficients have normal priors: the posterior by Laplace's
 * approximation, a normal distribution around its greatest point.
 *
 * The last `loose` coefficients are such that no observation has two of them, as the pairs that
 * several judges are asked: these are eliminated, and cost little. */
#ifndef SM_EVAL_LOGISTIC_H
#define SM_EVAL_LOGISTIC_H

#include "lib/base/rng.h"

#include <stddef.h>

enum { SM_TERMS_MAX = 3 };

/* A coefficient times `x`. */
struct sm_term {
    size_t at;
    double x;
};

/* `y` is 1 for a success, 0 for a failure, or what lies between. Unused terms have x = 0. A loose
 * coefficient stands last. */
struct sm_observation {
    struct sm_term terms[SM_TERMS_MAX];
    double y;
};

/* All borrowed. */
struct sm_logistic {
    const struct sm_observation *at;
    size_t count;
    size_t dense, loose;     /* coefficients */
    const double *precision; /* of their priors, above 0 */
    const double *mean;      /* of their priors */
};

/* Zero it before the first fit; several fits of one size share it. */
struct sm_laplace {
    double *mode;            /* by coefficient */
    double *l, *cross, *own; /* the information: the dense ones' with the loose ones eliminated, its
                                Cholesky factor; between both; the loose ones' */
    double *scratch;
    double log_evidence; /* up to what all models of the same observations share */
};

void sm_laplace_fit(const struct sm_logistic *model, struct sm_laplace *fit);
void sm_laplace_release(struct sm_laplace *fit);

/* Mean and variance of the sum of the terms. */
void sm_laplace_sum(const struct sm_logistic *model, const struct sm_laplace *fit,
                    const struct sm_term terms[SM_TERMS_MAX], double *mean, double *variance);

/* Draws the dense coefficients. */
void sm_laplace_draw(const struct sm_logistic *model, const struct sm_laplace *fit,
                     struct sm_rng *rng, double *drawn);

#endif
