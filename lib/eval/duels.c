#include "lib/eval/duels.h"

#include "lib/base/mem.h"

#include <math.h>
#include <string.h>

/* Standard deviations of strengths, of the same weight before the first duel, and of the lean. The
 * unit is a log-odds: with 0.7 the judge finds hardly a difference, with 5.6 it is always sure. */
static const double spreads[SM_SPREADS] = {0.7, 1.4, 2.8, 5.6};
#define LEAN_SPREAD 1.0

enum { DRAWS = 2000, SEED = 0 };

struct sm_duels {
    size_t n;
    struct sm_logistic models[SM_SPREADS];
    struct sm_laplace fits[SM_SPREADS];
    double weights[SM_SPREADS]; /* sum to 1 */
    double *precision;          /* by spread and coefficient: the strengths, then the lean */
    double *zero;
    double *strength, *chance; /* by contestant */
};

struct sm_duels *sm_duels_open(size_t n)
{
    struct sm_duels *d = sm_alloc(1, sizeof *d);
    d->n = n;
    d->precision = sm_alloc(SM_SPREADS * (n + 1), sizeof *d->precision);
    d->zero = sm_alloc(n + 1, sizeof *d->zero);
    d->strength = sm_alloc(n, sizeof *d->strength);
    d->chance = sm_alloc(n, sizeof *d->chance);
    for (size_t g = 0; g < SM_SPREADS; g++) {
        double *own = d->precision + g * (n + 1);
        for (size_t i = 0; i < n; i++)
            own[i] = 1 / (spreads[g] * spreads[g]);
        own[n] = 1 / (LEAN_SPREAD * LEAN_SPREAD);
        d->models[g] = (struct sm_logistic){.dense = n + 1, .precision = own, .mean = d->zero};
    }
    return d;
}

void sm_duels_close(struct sm_duels *d)
{
    if (!d)
        return;
    for (size_t g = 0; g < SM_SPREADS; g++)
        sm_laplace_release(&d->fits[g]);
    free(d->precision);
    free(d->zero);
    free(d->strength);
    free(d->chance);
    free(d);
}

static void fit_all(struct sm_duels *d, const struct sm_observation *seen, size_t count)
{
    double most = -INFINITY, sum = 0;
    for (size_t g = 0; g < SM_SPREADS; g++) {
        d->models[g].at = seen;
        d->models[g].count = count;
        sm_laplace_fit(&d->models[g], &d->fits[g]);
        d->models[g].at = NULL;
        most = fmax(most, d->fits[g].log_evidence);
    }
    for (size_t g = 0; g < SM_SPREADS; g++)
        sum += d->weights[g] = exp(d->fits[g].log_evidence - most);
    for (size_t g = 0; g < SM_SPREADS; g++)
        d->weights[g] /= sum;
}

static size_t greatest(const double *x, size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        best = x[i] > x[best] ? i : best;
    return best;
}

static void draw_all(struct sm_duels *d)
{
    double *drawn = sm_alloc(d->n + 1, sizeof *drawn);
    struct sm_rng rng;
    sm_rng_seed(&rng, SEED);
    memset(d->chance, 0, d->n * sizeof *d->chance);
    for (size_t g = 0; g < SM_SPREADS; g++) {
        for (int i = 0; i < DRAWS; i++) {
            sm_laplace_draw(&d->models[g], &d->fits[g], &rng, drawn);
            d->chance[greatest(drawn, d->n)] += d->weights[g] / DRAWS;
        }
    }
    free(drawn);
}

void sm_duels_fit(struct sm_duels *d, const struct sm_duel *list, size_t count)
{
    struct sm_observation *seen = sm_alloc(count, sizeof *seen);
    for (size_t i = 0; i < count; i++)
        seen[i] = (struct sm_observation){
            .terms = {{list[i].first, 1}, {list[i].second, -1}, {d->n, 1}}, .y = list[i].won};
    fit_all(d, seen, count);
    free(seen);
    for (size_t i = 0; i < d->n; i++) {
        d->strength[i] = 0;
        for (size_t g = 0; g < SM_SPREADS; g++)
            d->strength[i] += d->weights[g] * d->fits[g].mode[i];
    }
    draw_all(d);
}

double sm_duels_strength(const struct sm_duels *d, size_t i)
{
    return d->strength[i];
}

double sm_duels_chance(const struct sm_duels *d, size_t i)
{
    return d->chance[i];
}

double sm_duels_doubt(const struct sm_duels *d, size_t i, size_t k)
{
    const struct sm_term difference[SM_TERMS_MAX] = {{i, 1}, {k, -1}};
    double doubt = 0;
    for (size_t g = 0; g < SM_SPREADS; g++) {
        double mean, variance;
        sm_laplace_sum(&d->models[g], &d->fits[g], difference, &mean, &variance);
        double p = 1 / (1 + exp(-mean));
        doubt += d->weights[g] * p * (1 - p) * variance;
    }
    return doubt;
}
