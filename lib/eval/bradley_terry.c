#include "lib/eval/bradley_terry.h"

#include "lib/base/mem.h"
#include "lib/eval/cholesky.h"

#include <math.h>

#define Z 1.959963984540054 /* of a two-sided interval at 0.95 */
#define STEP_MAX 1e-13      /* of a log-strength in the last round; convergence is linear */
#define ROUNDS_MAX 1000000

struct model {
    const double *wins;
    size_t n;
    double prior;
    double *strength; /* exp of the log-strengths, relative to the opponent of the prior */
};

static double games(const struct model *m, size_t i, size_t k)
{
    return i == k ? 0 : m->wins[i * m->n + k] + m->wins[k * m->n + i];
}

/* The strength of i that maximizes the minorizing function while the others stay as they are. */
static double improved(const struct model *m, size_t i)
{
    double won = m->prior / 2, played = m->prior / (m->strength[i] + 1);
    for (size_t k = 0; k < m->n; k++) {
        won += i == k ? 0 : m->wins[i * m->n + k];
        played += games(m, i, k) / (m->strength[i] + m->strength[k]);
    }
    return won / played;
}

static void maximize(struct model *m)
{
    double step = INFINITY;
    for (size_t i = 0; i < m->n; i++)
        m->strength[i] = 1;
    for (int round = 0; round < ROUNDS_MAX && step > STEP_MAX; round++) {
        step = 0;
        for (size_t i = 0; i < m->n; i++) {
            double next = improved(m, i);
            step = fmax(step, fabs(log(next / m->strength[i])));
            m->strength[i] = next;
        }
    }
}

/* The information in one comparison of two strengths: p (1 - p). */
static double weight(double a, double b)
{
    return a * b / ((a + b) * (a + b));
}

static void fill_information(const struct model *m, double *h)
{
    for (size_t i = 0; i < m->n; i++) {
        double own = m->prior * weight(m->strength[i], 1);
        for (size_t k = 0; k < m->n; k++) {
            double w = games(m, i, k) * weight(m->strength[i], m->strength[k]);
            h[i * m->n + k] = -w;
            own += w;
        }
        h[i * m->n + i] = own;
    }
}

/* The variance of the distance between one score and the mean of all: c' H^-1 c. */
static double variance(const double *l, size_t n, size_t i, double *c)
{
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        c[k] = (k == i) - 1 / (double)n;
    sm_cholesky_solve(l, n, c);
    for (size_t k = 0; k < n; k++)
        sum += ((k == i) - 1 / (double)n) * c[k];
    return sum;
}

void sm_bradley_terry(const double *wins, size_t n, double prior, struct sm_strength *strengths)
{
    struct model m = {wins, n, prior, sm_alloc(n, sizeof *m.strength)};
    double *h = sm_alloc(n * n, sizeof *h), *c = sm_alloc(n, sizeof *c), mean = 0;
    maximize(&m);
    for (size_t i = 0; i < n; i++)
        mean += log(m.strength[i]) / (double)n;
    fill_information(&m, h);
    sm_cholesky(h, n);
    for (size_t i = 0; i < n; i++) {
        double score = log(m.strength[i]) - mean;
        double half = Z * sqrt(fmax(0, variance(h, n, i, c)));
        strengths[i] = (struct sm_strength){score, score - half, score + half};
    }
    free(m.strength);
    free(h);
    free(c);
}
