/* Shares and quantiles of the distributions that intervals and tests need. Pure functions; accurate
 * to some 1e-12 of the result, with a million degrees of freedom to 1e-8. */
#ifndef SM_EVAL_DISTRIBUTIONS_H
#define SM_EVAL_DISTRIBUTIONS_H

/* P(X <= x) of the beta distribution, and the x at which it is `share`. Require a, b > 0. */
double sm_beta_share(double x, double a, double b);
double sm_beta_quantile(double share, double a, double b);

/* Student's t, for any number of degrees of freedom above 0: the two-sided p value of t, and the
 * quantile at `share` from 0.5 to 1. */
double sm_t_p(double t, double degrees);
double sm_t_quantile(double share, double degrees);

#endif
