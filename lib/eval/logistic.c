#include "lib/eval/logistic.h"

#include "lib/base/mem.h"
#include "lib/eval/cholesky.h"

#include <math.h>
#include <string.h>

#define STEP_MAX 1e-10 /* of a coefficient in the last round; convergence is quadratic */
#define ROUNDS_MAX 100
#define HALVINGS_MAX 30

static double sum_terms(const struct sm_term *terms, const double *x)
{
    double sum = 0;
    for (size_t i = 0; i < SM_TERMS_MAX; i++)
        sum += terms[i].x == 0 ? 0 : terms[i].x * x[terms[i].at];
    return sum;
}

/* log(1 / (1 + exp(-x))) */
static double log_share(double x)
{
    return x > 0 ? -log1p(exp(-x)) : x - log1p(exp(x));
}

/* The logarithm of likelihood times prior, without constants. */
static double objective(const struct sm_logistic *m, const double *x)
{
    double sum = 0;
    for (size_t i = 0; i < m->count; i++) {
        double eta = sum_terms(m->at[i].terms, x), y = m->at[i].y;
        sum += y * log_share(eta) + (1 - y) * log_share(-eta);
    }
    for (size_t i = 0; i < m->dense + m->loose; i++)
        sum -= m->precision[i] * (x[i] - m->mean[i]) * (x[i] - m->mean[i]) / 2;
    return sum;
}

static void add_information(const struct sm_logistic *m, struct sm_laplace *fit,
                            const struct sm_term *a, const struct sm_term *b, double w)
{
    double each = w * a->x * b->x;
    if (each == 0)
        return;
    if (a->at < m->dense && b->at < m->dense)
        fit->l[a->at * m->dense + b->at] += each;
    else if (a->at < m->dense)
        fit->cross[a->at * m->loose + b->at - m->dense] += each;
    else if (b->at == a->at)
        fit->own[a->at - m->dense] += each;
}

/* Fills in the information at the mode; `gradient`, if there is one, too. */
static void differentiate(const struct sm_logistic *m, struct sm_laplace *fit, double *gradient)
{
    size_t n = m->dense + m->loose;
    memset(fit->l, 0, m->dense * m->dense * sizeof *fit->l);
    memset(fit->cross, 0, m->dense * m->loose * sizeof *fit->cross);
    for (size_t i = 0; i < n; i++) {
        gradient[i] = -m->precision[i] * (fit->mode[i] - m->mean[i]);
        if (i < m->dense)
            fit->l[i * m->dense + i] = m->precision[i];
        else
            fit->own[i - m->dense] = m->precision[i];
    }
    for (size_t i = 0; i < m->count; i++) {
        const struct sm_term *terms = m->at[i].terms;
        double p = 1 / (1 + exp(-sum_terms(terms, fit->mode)));
        for (size_t a = 0; a < SM_TERMS_MAX; a++) {
            if (terms[a].x != 0)
                gradient[terms[a].at] += terms[a].x * (m->at[i].y - p);
            for (size_t b = 0; b < SM_TERMS_MAX; b++)
                add_information(m, fit, &terms[a], &terms[b], p * (1 - p));
        }
    }
}

/* Eliminates the loose coefficients: Schur's complement, and its factor. */
static void eliminate(const struct sm_logistic *m, struct sm_laplace *fit)
{
    size_t d = m->dense;
    for (size_t i = 0; i < d; i++) {
        const double *row = &fit->cross[i * m->loose];
        for (size_t k = 0; k <= i; k++) {
            const double *other = &fit->cross[k * m->loose];
            for (size_t j = 0; j < m->loose; j++)
                fit->l[i * d + k] -= row[j] * other[j] / fit->own[j];
        }
    }
    sm_cholesky(fit->l, d);
}

/* Replaces x by H^-1 x, where H is the information. */
static void solve(const struct sm_logistic *m, const struct sm_laplace *fit, double *x)
{
    double *loose = x + m->dense;
    for (size_t i = 0; i < m->dense; i++) {
        for (size_t j = 0; j < m->loose; j++)
            x[i] -= fit->cross[i * m->loose + j] * loose[j] / fit->own[j];
    }
    sm_cholesky_solve(fit->l, m->dense, x);
    for (size_t j = 0; j < m->loose; j++) {
        for (size_t i = 0; i < m->dense; i++)
            loose[j] -= fit->cross[i * m->loose + j] * x[i];
        loose[j] /= fit->own[j];
    }
}

/* Moves by `step`, or by a part of it that rises. Returns the greatest move of a coefficient. */
static double move(const struct sm_logistic *m, struct sm_laplace *fit, const double *step,
                   double *value)
{
    size_t n = m->dense + m->loose;
    double *next = fit->scratch + n, share = 1, rises = -INFINITY, most = 0;
    for (int i = 0; i < HALVINGS_MAX && !(rises >= *value); i++, share /= 2) {
        for (size_t k = 0; k < n; k++)
            next[k] = fit->mode[k] + share * step[k];
        rises = objective(m, next);
    }
    for (size_t k = 0; rises >= *value && k < n; k++) {
        most = fmax(most, fabs(next[k] - fit->mode[k]));
        fit->mode[k] = next[k];
    }
    *value = fmax(*value, rises);
    return most;
}

static void open_fit(const struct sm_logistic *m, struct sm_laplace *fit)
{
    size_t n = m->dense + m->loose;
    if (!fit->mode) {
        fit->mode = sm_alloc(n, sizeof *fit->mode);
        fit->scratch = sm_alloc(2 * n, sizeof *fit->scratch);
        fit->l = sm_alloc(m->dense * m->dense, sizeof *fit->l);
        fit->cross = sm_alloc(m->dense * m->loose, sizeof *fit->cross);
        fit->own = sm_alloc(m->loose, sizeof *fit->own);
    }
    memcpy(fit->mode, m->mean, n * sizeof *fit->mode);
}

void sm_laplace_fit(const struct sm_logistic *m, struct sm_laplace *fit)
{
    open_fit(m, fit);
    double *step = fit->scratch, value = objective(m, fit->mode), moved = INFINITY;
    for (int round = 0; round < ROUNDS_MAX && moved > STEP_MAX; round++) {
        differentiate(m, fit, step);
        eliminate(m, fit);
        solve(m, fit, step);
        moved = move(m, fit, step, &value);
    }
    differentiate(m, fit, step);
    eliminate(m, fit);
    fit->log_evidence = value - sm_cholesky_log_det(fit->l, m->dense) / 2;
    for (size_t i = 0; i < m->dense + m->loose; i++)
        fit->log_evidence += log(m->precision[i]) / 2;
    for (size_t i = 0; i < m->loose; i++)
        fit->log_evidence -= log(fit->own[i]) / 2;
}

void sm_laplace_release(struct sm_laplace *fit)
{
    free(fit->mode);
    free(fit->l);
    free(fit->cross);
    free(fit->own);
    free(fit->scratch);
    *fit = (struct sm_laplace){0};
}

void sm_laplace_sum(const struct sm_logistic *m, const struct sm_laplace *fit,
                    const struct sm_term terms[SM_TERMS_MAX], double *mean, double *variance)
{
    double *x = fit->scratch;
    memset(x, 0, (m->dense + m->loose) * sizeof *x);
    for (size_t i = 0; i < SM_TERMS_MAX; i++) {
        if (terms[i].x != 0)
            x[terms[i].at] += terms[i].x;
    }
    solve(m, fit, x);
    *mean = sum_terms(terms, fit->mode);
    *variance = sum_terms(terms, x);
}

/* Marsaglia's polar method; the second number is not kept, so that draws depend on nothing. */
static double draw_normal(struct sm_rng *rng)
{
    double u, v, s;
    do {
        u = 2 * sm_rng_double(rng) - 1;
        v = 2 * sm_rng_double(rng) - 1;
        s = u * u + v * v;
    } while (s >= 1 || s == 0);
    return u * sqrt(-2 * log(s) / s);
}

void sm_laplace_draw(const struct sm_logistic *m, const struct sm_laplace *fit, struct sm_rng *rng,
                     double *drawn)
{
    for (size_t i = 0; i < m->dense; i++)
        drawn[i] = draw_normal(rng);
    sm_cholesky_backward(fit->l, m->dense, drawn);
    for (size_t i = 0; i < m->dense; i++)
        drawn[i] += fit->mode[i];
}
