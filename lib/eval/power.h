/* What a comparison over users can show: the power of Student's t test of n users' mean differences
 * against 0, two-sided, and its inverses.
 *
 * A user's mean difference over p pairs has the variance between^2 + within^2 / p: `between` is how
 * much the true difference varies from user to user (its standard deviation), `within` how much the
 * differences of one user's pairs do. See Snijders and Bosker, Multilevel Analysis, 2012, on
 * samples of two levels; Cohen, Statistical Power Analysis, 1988, on the test. */
#ifndef SM_EVAL_POWER_H
#define SM_EVAL_POWER_H

#include <stddef.h>

/* P(T > t) of noncentral t with `df` >= 1 degrees of freedom, t >= 0. By Gauss and Legendre's
 * quadrature over the standard deviation in T's denominator: T = (Z + shift) / s, and
 * df * s^2 is chi-squared. The integral needs no series, which underflow for a large shift (Lenth,
 * Algorithm AS 243, Applied Statistics 38, 1989). */
double sm_t_above(double t, double df, double shift);

struct sm_spread {
    double between, within;
};
double sm_spread_of_mean(const struct sm_spread *spread, double pairs);

/* The power to show a difference with `users` >= 2; with `sd` of users' means 0 it is 1 for any
 * difference but 0. The tail beyond 0 on the other side counts too, as in statsmodels'
 * TTestPower. */
double sm_power(double difference, double sd, double users, double alpha);

/* The least difference shown with that power; and the least number of users, which need not be
 * whole, that show `difference` > 0 with it: 2 if two are enough, SM_USERS_MAX if that many are
 * not. */
#define SM_USERS_MAX 1e7
double sm_power_difference(double sd, double users, double alpha, double power);
double sm_power_users(double difference, double sd, double alpha, double power);

/* Spreads from a pilot: `count` differences of pairs, those of a user together, users[i] the number
 * of the user of the i-th, ascending. By analysis of variance, one-way with unequal groups, not
 * below 0 (Searle, Casella and McCulloch, Variance Components, 1992, section 3.6). NAN where there
 * is nothing to take it from: no user with two pairs, or fewer than two users. */
struct sm_spread sm_spread_from(const double *differences, const size_t *users, size_t count);

#endif
