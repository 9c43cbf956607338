#include "lib/judge/weights.h"

#include "lib/base/mem.h"
#include "lib/judge/scale.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { N = SM_WEIGHTS_MAX, ROUNDS_MAX = 100, HALVINGS_MAX = 40 };
#define ROUNDING 1e-5  /* of a sum: records have weights with six digits */
#define STEP_MAX 1e-10 /* of b times m in the last round; convergence is quadratic */

struct fit {
    const double *differences; /* divided by `unit` in what follows */
    size_t count, criteria;
    double unit;    /* the header's m */
    double mean[N]; /* of the prior of b m, as all below */
    double b[N], gradient[N], information[N][N];
};

static double dot(const struct fit *fit, const double *b, size_t row)
{
    double sum = 0;
    for (size_t k = 0; k < fit->criteria; k++)
        sum += b[k] * fit->differences[row * fit->criteria + k] / fit->unit;
    return sum;
}

/* What b maximizes. */
static double objective(const struct fit *fit, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < fit->count; i++) {
        double x = dot(fit, b, i);
        sum += x > 0 ? -log1p(exp(-x)) : x - log1p(exp(x));
    }
    for (size_t k = 0; k < fit->criteria; k++)
        sum -= SM_WEIGHTS_LAMBDA / 2 * (b[k] - fit->mean[k]) * (b[k] - fit->mean[k]);
    return sum;
}

static void differentiate(struct fit *fit)
{
    memset(fit->information, 0, sizeof fit->information);
    for (size_t k = 0; k < fit->criteria; k++) {
        fit->gradient[k] = -SM_WEIGHTS_LAMBDA * (fit->b[k] - fit->mean[k]);
        fit->information[k][k] = SM_WEIGHTS_LAMBDA;
    }
    for (size_t i = 0; i < fit->count; i++) {
        const double *d = &fit->differences[i * fit->criteria];
        double p = 1 / (1 + exp(-dot(fit, fit->b, i)));
        for (size_t k = 0; k < fit->criteria; k++) {
            fit->gradient[k] += (1 - p) * d[k] / fit->unit;
            for (size_t j = 0; j < fit->criteria; j++)
                fit->information[k][j] += p * (1 - p) * d[k] / fit->unit * d[j] / fit->unit;
        }
    }
}

/* Replaces the gradient by Newton's step. The information is at least lambda times the identity, so
 * that Gauss's elimination needs no pivots. */
static void solve(struct fit *fit)
{
    size_t n = fit->criteria;
    for (size_t k = 0; k < n; k++) {
        for (size_t i = k + 1; i < n; i++) {
            double share = fit->information[i][k] / fit->information[k][k];
            for (size_t j = k; j < n; j++)
                fit->information[i][j] -= share * fit->information[k][j];
            fit->gradient[i] -= share * fit->gradient[k];
        }
    }
    for (size_t k = n; k-- > 0;) {
        for (size_t j = k + 1; j < n; j++)
            fit->gradient[k] -= fit->information[k][j] * fit->gradient[j];
        fit->gradient[k] /= fit->information[k][k];
    }
}

/* Moves by the step, or by a part of it that rises. Returns the greatest move. */
static double move(struct fit *fit)
{
    double before = objective(fit, fit->b), share = 1;
    for (int i = 0; i < HALVINGS_MAX; i++, share /= 2) {
        double next[N], most = 0;
        for (size_t k = 0; k < fit->criteria; k++) {
            next[k] = fit->b[k] + share * fit->gradient[k];
            most = fmax(most, fabs(share * fit->gradient[k]));
        }
        if (objective(fit, next) >= before) {
            memcpy(fit->b, next, fit->criteria * sizeof *next);
            return most;
        }
    }
    return 0;
}

static double unit_of(const double *differences, size_t numbers)
{
    double squares = 0;
    for (size_t i = 0; i < numbers; i++)
        squares += differences[i] * differences[i];
    return numbers ? sqrt(squares / (double)numbers) : 0;
}

/* The stated weights, as sure as they deserve. */
static void set_prior(struct fit *fit, const double *stated)
{
    double *sums = sm_alloc(fit->count, sizeof *sums);
    for (size_t i = 0; i < fit->count; i++)
        sums[i] = dot(fit, stated, i);
    double scale = sm_scale_fit(sums, fit->count);
    for (size_t k = 0; k < fit->criteria; k++)
        fit->b[k] = fit->mean[k] = stated[k] * (scale > 0 ? 1 / scale : 1);
    free(sums);
}

struct sm_weights sm_weights_fit(const double *differences, size_t count, const double *stated,
                                 size_t criteria)
{
    struct sm_weights weights = {.scale = 0};
    struct fit fit = {.differences = differences,
                      .count = count,
                      .criteria = criteria,
                      .unit = unit_of(differences, count * criteria)};
    double sum = 0;
    memcpy(weights.at, stated, criteria * sizeof *stated);
    if (fit.unit == 0)
        return weights;
    set_prior(&fit, stated);
    for (int round = 0; round < ROUNDS_MAX; round++) {
        differentiate(&fit);
        solve(&fit);
        if (move(&fit) <= STEP_MAX)
            break;
    }
    for (size_t k = 0; k < criteria; k++)
        sum += fabs(fit.b[k]);
    if (sum < DBL_EPSILON)
        return weights;
    for (size_t k = 0; k < criteria; k++)
        weights.at[k] = fit.b[k] / sum;
    weights.scale = fit.unit / sum;
    return weights;
}

double sm_weights_prefer(const double *weights, const double *first, const double *second,
                         size_t criteria)
{
    double sum = 0, size = 0;
    for (size_t k = 0; k < criteria; k++) {
        double each = weights[k] * (first[k] - second[k]);
        sum += each;
        size += fabs(each);
    }
    return fabs(sum) <= ROUNDING * size ? 0 : sum;
}
