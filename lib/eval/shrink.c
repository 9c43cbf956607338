#include "lib/eval/shrink.h"

#include "lib/base/mem.h"
#include "lib/eval/distributions.h"
#include "lib/eval/stats.h"

#include <math.h>

enum { MEANS = 91, DEVIATIONS = 35, GRID = MEANS * DEVIATIONS, STEPS_MAX = 60 };
static const double least_parameter = 0.5, negligible = 1e-10, precise = 1e-9;

/* The beta distributions that the users' accuracies may be of, and how likely each is. */
struct prior {
    double a, b, weight; /* weight: its logarithm, until weigh() */
};

struct grid {
    struct prior at[GRID];
    size_t count;
};

/* Users with the same figures have the same posterior. */
struct group {
    struct sm_trials trials;
    size_t user;
};

/* The i-th of `count` numbers from `low` to `high`, as numpy's linspace rounds it: at a mean of a
 * quarter the least parameter is so near to its bound that rounding decides. */
static double spaced(int i, int count, double low, double high)
{
    return low + i * ((high - low) / (count - 1));
}

static void set_up(struct grid *grid)
{
    for (int i = 0; i < MEANS; i++)
        for (int k = 0; k < DEVIATIONS; k++) {
            double mean = spaced(i, MEANS, 0.05, 0.95), sd = spaced(k, DEVIATIONS, 0.01, 0.35);
            double both = mean * (1 - mean) / (sd * sd) - 1, a = mean * both, b = (1 - mean) * both;
            if (a >= least_parameter && b >= least_parameter)
                grid->at[grid->count++] = (struct prior){.a = a, .b = b};
        }
}

static double log_beta(double a, double b)
{
    return lgamma(a) + lgamma(b) - lgamma(a + b);
}

/* Adds the evidence of `times` users with the same figures. */
static void add_evidence(struct grid *grid, const struct sm_trials *trials, double times)
{
    for (size_t i = 0; i < grid->count; i++) {
        struct prior *p = &grid->at[i];
        p->weight += times * (log_beta(p->a + trials->sum, p->b + trials->n - trials->sum) -
                              log_beta(p->a, p->b));
    }
}

/* Turns logarithms into shares of 1, and leaves out those that do not matter. */
static void weigh(struct grid *grid)
{
    double most = -INFINITY, sum = 0;
    size_t kept = 0;
    for (size_t i = 0; i < grid->count; i++)
        most = fmax(most, grid->at[i].weight);
    for (size_t i = 0; i < grid->count; i++) {
        struct prior p = grid->at[i];
        p.weight = exp(p.weight - most);
        if (p.weight < negligible)
            continue;
        sum += p.weight;
        grid->at[kept++] = p;
    }
    grid->count = kept;
    for (size_t i = 0; i < kept; i++)
        grid->at[i].weight /= sum;
}

/* The chance that a user's accuracy is at most x. */
static double share_below(const struct grid *grid, const struct sm_trials *trials, double x)
{
    double sum = 0;
    for (size_t i = 0; i < grid->count; i++) {
        const struct prior *p = &grid->at[i];
        sum += p->weight * sm_beta_share(x, p->a + trials->sum, p->b + trials->n - trials->sum);
    }
    return sum;
}

/* A beta distribution with the mean and variance of the posterior. */
struct beta {
    double mean, a, b;
};

static struct beta matched(const struct grid *grid, const struct sm_trials *trials)
{
    double mean = 0, square = 0;
    for (size_t i = 0; i < grid->count; i++) {
        const struct prior *p = &grid->at[i];
        double a = p->a + trials->sum, both = p->a + p->b + trials->n;
        mean += p->weight * a / both;
        square += p->weight * a * (a + 1) / (both * (both + 1));
    }
    double parameters = mean * (1 - mean) / (square - mean * mean) - 1;
    return (struct beta){mean, mean * parameters, (1 - mean) * parameters};
}

/* From the quantile of the matched distribution on, by secants, kept in what is known to hold
 * it. */
static double quantile(const struct grid *grid, const struct sm_trials *trials,
                       const struct beta *start, double share)
{
    double low = 0, high = 1, below_low = -share, below_high = 1 - share;
    double x = sm_beta_quantile(share, start->a, start->b);
    double before = x, below_before = 0;
    for (int step = 0; step < STEPS_MAX; step++) {
        double below = share_below(grid, trials, x) - share, next;
        if (below < 0) {
            low = x;
            below_low = below;
        } else {
            high = x;
            below_high = below;
        }
        next = step == 0 || below == below_before
                   ? (below < 0 ? fmin(x * 1.01 + 1e-4, (x + high) / 2)
                                : fmax(x * 0.99 - 1e-4, (x + low) / 2))
                   : x - below * (x - before) / (below - below_before);
        if (!(next > low && next < high))
            next = low + (high - low) * -below_low / (below_high - below_low);
        if (!(next > low && next < high))
            next = (low + high) / 2;
        before = x;
        below_before = below;
        x = next;
        if (fabs(x - before) <= precise)
            break;
    }
    return x;
}

static struct sm_shrunk posterior(const struct grid *grid, const struct sm_trials *trials)
{
    struct beta start = matched(grid, trials);
    return (struct sm_shrunk){
        .mean = start.mean,
        .low = quantile(grid, trials, &start, (1 - SM_CI_LEVEL) / 2),
        .high = quantile(grid, trials, &start, (1 + SM_CI_LEVEL) / 2),
        .above_half = 1 - share_below(grid, trials, 0.5),
    };
}

static int by_trials(const void *left, const void *right)
{
    const struct sm_trials *a = &((const struct group *)left)->trials;
    const struct sm_trials *b = &((const struct group *)right)->trials;
    return a->n != b->n ? (a->n > b->n) - (a->n < b->n) : (a->sum > b->sum) - (a->sum < b->sum);
}

static size_t alike(const struct group *groups, size_t from, size_t count)
{
    size_t to = from + 1;
    while (to < count && by_trials(&groups[from], &groups[to]) == 0)
        to++;
    return to;
}

void sm_shrink(const struct sm_trials *users, size_t count, struct sm_shrunk *shrunk)
{
    struct grid *grid = sm_alloc(1, sizeof *grid);
    struct group *groups = sm_alloc(count + 1, sizeof *groups);
    for (size_t i = 0; i < count; i++)
        groups[i] = (struct group){users[i], i};
    qsort(groups, count, sizeof *groups, by_trials);
    set_up(grid);
    for (size_t from = 0, to; from < count; from = to) {
        to = alike(groups, from, count);
        add_evidence(grid, &groups[from].trials, (double)(to - from));
    }
    weigh(grid);
    for (size_t from = 0, to; from < count; from = to) {
        to = alike(groups, from, count);
        struct sm_shrunk figures = posterior(grid, &groups[from].trials);
        for (size_t i = from; i < to; i++)
            shrunk[groups[i].user] = figures;
    }
    free(groups);
    free(grid);
}
