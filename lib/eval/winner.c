#include "lib/eval/winner.h"

#include "lib/base/mem.h"
#include "lib/eval/logistic.h"
#include "lib/eval/stats.h"

#include <math.h>

/* In log-odds: the mean of all candidates' priors, and how much it may be off; the spreads of
 * candidates and of pairs, each of which has the same weight before the first answer. */
#define USUAL_MEAN 0.3
#define USUAL_SPREAD 1.0
static const double candidate_spreads[] = {0.15, 0.5, 1.0, 2.0};
static const double pair_spreads[] = {0.15, 0.8, 1.6, 3.2};

enum {
    CANDIDATE_SPREADS = sizeof candidate_spreads / sizeof *candidate_spreads,
    PAIR_SPREADS = sizeof pair_spreads / sizeof *pair_spreads,
    POINTS = CANDIDATE_SPREADS * PAIR_SPREADS,
    STEPS = 400, /* of a probability, in an integral */
};

/* A pair that nobody has seen has the effect 0 in the mean: log-odds are nearer to 0 over all such
 * pairs, by about this factor (a logistic curve is nearly normal with the standard deviation 1.7).
 */
static double shrinkage(double pair_spread)
{
    return 1 / sqrt(1 + pair_spread * pair_spread / (1.7 * 1.7));
}

/* What the posterior for one choice of spreads says: the log-odds of the candidate on further
 * pairs are normal. */
struct point {
    double weight; /* at first its logarithm */
    double mean, sd;
    double above;
};

static double normal_below(double z)
{
    return erfc(-z / sqrt(2)) / 2;
}

/* The usual level comes first, then the candidates, then the pairs; whichever of these are more are
 * the loose ones. */
struct layout {
    size_t candidates, pairs, first_candidate, first_pair;
};

static struct layout lay_out(const struct sm_tries *tries)
{
    struct layout l = {tries->candidates, tries->pairs, 1, 1 + tries->candidates};
    if (tries->candidates > tries->pairs) {
        l.first_pair = 1;
        l.first_candidate = 1 + tries->pairs;
    }
    return l;
}

static struct sm_observation *observe(const struct sm_tries *tries, const struct layout *l)
{
    struct sm_observation *seen = sm_alloc(tries->count, sizeof *seen);
    for (size_t i = 0; i < tries->count; i++) {
        const struct sm_try *t = &tries->at[i];
        seen[i] = (struct sm_observation){
            .terms = {{0, 1}, {l->first_candidate + t->candidate, 1}, {l->first_pair + t->pair, 1}},
            .y = t->right};
    }
    return seen;
}

static void set_priors(const struct layout *l, double candidate_spread, double pair_spread,
                       double *precision, double *mean)
{
    precision[0] = 1 / (USUAL_SPREAD * USUAL_SPREAD);
    mean[0] = USUAL_MEAN;
    for (size_t i = 0; i < l->candidates; i++)
        precision[l->first_candidate + i] = 1 / (candidate_spread * candidate_spread);
    for (size_t i = 0; i < l->pairs; i++)
        precision[l->first_pair + i] = 1 / (pair_spread * pair_spread);
}

static struct point look(const struct sm_logistic *model, const struct sm_laplace *fit,
                         const struct layout *l, size_t candidate, size_t other, double pair_spread)
{
    const struct sm_term own[SM_TERMS_MAX] = {{0, 1}, {l->first_candidate + candidate, 1}};
    const struct sm_term more[SM_TERMS_MAX] = {{l->first_candidate + candidate, 1},
                                               {l->first_candidate + other, -1}};
    double mean, variance, factor = shrinkage(pair_spread);
    struct point point = {.weight = fit->log_evidence};
    sm_laplace_sum(model, fit, more, &mean, &variance);
    point.above = candidate == other ? 0.5 : normal_below(mean / sqrt(variance));
    sm_laplace_sum(model, fit, own, &mean, &variance);
    point.mean = factor * mean;
    point.sd = factor * sqrt(variance);
    return point;
}

static void fit_points(const struct sm_tries *tries, size_t candidate, size_t other,
                       struct point *points)
{
    struct layout l = lay_out(tries);
    size_t n = 1 + l.candidates + l.pairs;
    double *precision = sm_alloc(n, sizeof *precision), *mean = sm_alloc(n, sizeof *mean);
    struct sm_observation *seen = observe(tries, &l);
    size_t loose = l.candidates > l.pairs ? l.candidates : l.pairs;
    struct sm_logistic model = {seen, tries->count, n - loose, loose, precision, mean};
    struct sm_laplace fit = {0};
    for (size_t i = 0; i < POINTS; i++) {
        double spread = pair_spreads[i % PAIR_SPREADS];
        set_priors(&l, candidate_spreads[i / PAIR_SPREADS], spread, precision, mean);
        sm_laplace_fit(&model, &fit);
        points[i] = look(&model, &fit, &l, candidate, other, spread);
    }
    sm_laplace_release(&fit);
    free(precision);
    free(mean);
    free(seen);
}

static void normalize(struct point *points)
{
    double most = -INFINITY, sum = 0;
    for (size_t i = 0; i < POINTS; i++)
        most = fmax(most, points[i].weight);
    for (size_t i = 0; i < POINTS; i++)
        sum += points[i].weight = exp(points[i].weight - most);
    for (size_t i = 0; i < POINTS; i++)
        points[i].weight /= sum;
}

/* The probability that the share is below x. */
static double below(const struct point *points, double x)
{
    double sum = 0, odds = log(x / (1 - x));
    for (size_t i = 0; i < POINTS; i++)
        sum += points[i].weight * normal_below((odds - points[i].mean) / points[i].sd);
    return sum;
}

static double quantile(const struct point *points, double p)
{
    double low = 0, high = 1;
    while (high - low > 1e-9) {
        double mid = (low + high) / 2;
        if (below(points, mid) < p)
            low = mid;
        else
            high = mid;
    }
    return (low + high) / 2;
}

void sm_winner_worth(const struct sm_tries *tries, size_t candidate, size_t other,
                     struct sm_worth *worth, double *above)
{
    struct point points[POINTS];
    double tail = (1 - SM_CI_LEVEL) / 2;
    fit_points(tries, candidate, other, points);
    normalize(points);
    *worth = (struct sm_worth){0, quantile(points, tail), quantile(points, 1 - tail)};
    for (size_t i = 0; i < STEPS; i++)
        worth->mean += (1 - below(points, ((double)i + 0.5) / STEPS)) / STEPS;
    if (!above)
        return;
    *above = 0;
    for (size_t i = 0; i < POINTS; i++)
        *above += points[i].weight * points[i].above;
}
