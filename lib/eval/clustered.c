#include "lib/eval/clustered.h"

#include "lib/eval/distributions.h"

#include <math.h>

static const double upper = (1 + SM_CI_LEVEL) / 2;
static const double rounding = 1e-13; /* a standard error as small is 0 but for that */
static const double near_end = 0.2;

/* Bell and McCaffrey's degrees of freedom are (tr M)^2 / tr M^2, where M is the covariance of the
 * scaled residuals if values were independent. With f the clusters' shares of all values,
 * M[i][k] = n (f_i [i = k] - f_i f_k) / sqrt((1 - f_i) (1 - f_k)). So its trace is n, and that of
 * its square n^2 (S f^2 + (S a)^2 - S a^2) with a = f^2 / (1 - f): no matrix is needed. */
static double bell_mccaffrey(const double *counts, size_t clusters, double n)
{
    double f_squares = 0, sum = 0, squares = 0;
    for (size_t i = 0; i < clusters; i++) {
        double f = counts[i] / n, a = f * f / (1 - f);
        f_squares += f * f;
        sum += a;
        squares += a * a;
    }
    return 1 / (f_squares + sum * sum - squares);
}

static double no_rounding(double se)
{
    return se > rounding ? se : 0;
}

static void add_errors(struct sm_clustered *c, const double *sums, const double *counts)
{
    double plain = 0, scaled = 0, apart = 0, clusters = (double)c->clusters;
    for (size_t i = 0; i < c->clusters; i++) {
        double off = sums[i] - c->share * counts[i], own = sums[i] / counts[i] - c->mean;
        plain += off * off;
        scaled += off * off / (1 - counts[i] / c->n);
        apart += own * own;
    }
    c->se_cr0 = no_rounding(sqrt(plain) / c->n);
    c->se_cr1 = no_rounding(sqrt(clusters / (clusters - 1) * plain) / c->n);
    c->se = no_rounding(sqrt(scaled) / c->n);
    c->degrees = bell_mccaffrey(counts, c->clusters, c->n);
    c->deff = c->se_cr1 * c->se_cr1 * c->n / (c->share * (1 - c->share));
    c->mean_se = no_rounding(sqrt(apart / (clusters - 1) / clusters));
}

struct sm_clustered sm_clustered(const double *sums, const double *counts, size_t clusters)
{
    struct sm_clustered c = {.clusters = clusters};
    double sum = 0, means = 0;
    for (size_t i = 0; i < clusters; i++) {
        sum += sums[i];
        c.n += counts[i];
        means += sums[i] / counts[i];
    }
    c.share = clusters ? sum / c.n : NAN;
    c.mean = clusters ? means / (double)clusters : NAN;
    c.se_cr0 = c.se_cr1 = c.se = c.degrees = c.deff = c.mean_se = NAN;
    if (clusters > 1)
        add_errors(&c, sums, counts);
    return c;
}

static struct sm_ci by_t(double share, double se, double degrees)
{
    double half = se > 0 ? sm_t_quantile(upper, degrees) * se : NAN;
    return (struct sm_ci){share - half, share + half};
}

static struct sm_ci of_share(double share, double se, double degrees)
{
    struct sm_ci ci = by_t(share, se, degrees);
    if (isnan(ci.low) ||
        (share >= near_end && share <= 1 - near_end && ci.low >= 0 && ci.high <= 1))
        return ci;
    return sm_ci_score(share, share * (1 - share) / (se * se), sm_t_quantile(upper, degrees));
}

static struct sm_ci of_difference(double difference, double se, double degrees)
{
    struct sm_ci ci = by_t(difference, se, degrees);
    if (isnan(ci.low))
        return ci;
    return (struct sm_ci){fmax(-1, ci.low), fmin(1, ci.high)};
}

struct sm_ci sm_ci_share(const struct sm_clustered *c)
{
    return of_share(c->share, c->se, c->degrees);
}

struct sm_ci sm_ci_mean_share(const struct sm_clustered *c)
{
    return of_share(c->mean, c->mean_se, (double)c->clusters - 1);
}

struct sm_ci sm_ci_difference(const struct sm_clustered *c)
{
    return of_difference(c->share, c->se, c->degrees);
}

struct sm_ci sm_ci_mean_difference(const struct sm_clustered *c)
{
    return of_difference(c->mean, c->mean_se, (double)c->clusters - 1);
}

struct sm_ci sm_ci_korn_graubard(const struct sm_clustered *c)
{
    double x, effective = c->se_cr1 > 0 ? fmin(c->n, c->n / c->deff) : c->n;
    if (!(c->clusters > 1 && c->n > 1))
        return (struct sm_ci){NAN, NAN};
    double ratio = sm_t_quantile(upper, c->n - 1) / sm_t_quantile(upper, (double)c->clusters - 1);
    effective *= ratio * ratio;
    x = c->share * effective;
    return (struct sm_ci){
        .low = x > 0 ? sm_beta_quantile(1 - upper, x, effective - x + 1) : 0,
        .high = x < effective ? sm_beta_quantile(upper, x + 1, effective - x) : 1,
    };
}
