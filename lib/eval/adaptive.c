#include "lib/eval/adaptive.h"

#include "lib/base/mem.h"

#include <math.h>
#include <string.h>

/* Of a chance to be the best: a small one does not rule a contestant out. */
#define CHANCE_LEAST 0.002

/* Within a round the model does not know what the questions before will tell. So each duel of the
 * same two, and each of either of them, makes one more less worth asking. */
#define SAME_PAIR 3.0
#define SAME_ONE 0.5

struct sm_adaptive {
    size_t n, budget;
    struct sm_rng rng;
    struct sm_duels *model;
    struct sm_duel *duels;         /* by question */
    size_t count, given, answered; /* questions made so far, handed out, answered */
    size_t round;                  /* the first question of the present round */
    bool *asked;                   /* by first * n + second */
    long *lead; /* by contestant: how much more often it was shown first than second */
};

size_t sm_adaptive_most(size_t n)
{
    return n * (n - 1);
}

size_t sm_adaptive_usual(size_t n)
{
    return 2 * (n - 1);
}

static bool is_asked(const struct sm_adaptive *a, size_t first, size_t second)
{
    return a->asked[first * a->n + second];
}

/* Adds a question about the two, in the order that was not asked; else with the one in front that
 * was there less often. */
static void add_question(struct sm_adaptive *a, size_t i, size_t k)
{
    bool in_order = a->lead[i] < a->lead[k] || (a->lead[i] == a->lead[k] && sm_rng_bool(&a->rng));
    if (is_asked(a, i, k) || is_asked(a, k, i))
        in_order = !is_asked(a, i, k);
    size_t first = in_order ? i : k, second = in_order ? k : i;
    a->asked[first * a->n + second] = true;
    a->lead[first]++;
    a->lead[second]--;
    a->duels[a->count++] = (struct sm_duel){.first = first, .second = second};
}

static void pair_all(struct sm_adaptive *a)
{
    size_t *order = sm_alloc(a->n, sizeof *order);
    for (size_t i = 0; i < a->n; i++)
        order[i] = i;
    sm_rng_shuffle(&a->rng, order, a->n);
    for (size_t i = 0; i + 1 < a->n && a->count < a->budget; i += 2)
        add_question(a, order[i], order[i + 1]);
    free(order);
}

/* What the present round makes of the worth of one more duel of the two. */
static double discount(const struct sm_adaptive *a, size_t i, size_t k)
{
    double pair = 0, ones = 0;
    for (size_t q = a->round; q < a->count; q++) {
        const struct sm_duel *duel = &a->duels[q];
        bool with_i = duel->first == i || duel->second == i;
        bool with_k = duel->first == k || duel->second == k;
        pair += with_i && with_k;
        ones += with_i + with_k;
    }
    return 1 / ((1 + SAME_PAIR * pair) * (1 + SAME_ONE * ones));
}

/* By i * n + k, i < k: how much a duel would tell about who of the two is stronger, by the chances
 * that either is the best. */
static double *weigh_pairs(const struct sm_adaptive *a)
{
    double *worth = sm_alloc(a->n * a->n, sizeof *worth);
    for (size_t i = 0; i < a->n; i++) {
        double own = sm_duels_chance(a->model, i) + CHANCE_LEAST;
        for (size_t k = i + 1; k < a->n; k++) {
            if (!is_asked(a, i, k) || !is_asked(a, k, i))
                worth[i * a->n + k] = own * (sm_duels_chance(a->model, k) + CHANCE_LEAST) *
                                      sm_duels_doubt(a->model, i, k);
        }
    }
    return worth;
}

static void add_worthiest(struct sm_adaptive *a, const double *worth)
{
    double most = -1;
    size_t best_i = 0, best_k = 0;
    for (size_t i = 0; i < a->n; i++) {
        for (size_t k = i + 1; k < a->n; k++) {
            double own = worth[i * a->n + k] * discount(a, i, k);
            if ((is_asked(a, i, k) && is_asked(a, k, i)) || own <= most)
                continue;
            most = own;
            best_i = i;
            best_k = k;
        }
    }
    add_question(a, best_i, best_k);
}

static void begin_round(struct sm_adaptive *a)
{
    size_t size = a->n / 2;
    a->round = a->count;
    if (a->count == 0) {
        pair_all(a);
        return;
    }
    double *worth = weigh_pairs(a);
    for (size_t i = 0; i < size && a->count < a->budget; i++)
        add_worthiest(a, worth);
    free(worth);
}

struct sm_adaptive *sm_adaptive_open(size_t n, size_t budget, int64_t seed)
{
    struct sm_adaptive *a = sm_alloc(1, sizeof *a);
    size_t most = sm_adaptive_most(n);
    *a = (struct sm_adaptive){.n = n,
                              .budget = budget < most ? budget : most,
                              .model = sm_duels_open(n),
                              .asked = sm_alloc(n * n, sizeof *a->asked),
                              .lead = sm_alloc(n, sizeof *a->lead)};
    a->duels = sm_alloc(a->budget, sizeof *a->duels);
    sm_rng_seed(&a->rng, seed);
    begin_round(a);
    if (sm_adaptive_done(a))
        sm_duels_fit(a->model, NULL, 0);
    return a;
}

void sm_adaptive_close(struct sm_adaptive *a)
{
    if (!a)
        return;
    sm_duels_close(a->model);
    free(a->duels);
    free(a->asked);
    free(a->lead);
    free(a);
}

bool sm_adaptive_next(struct sm_adaptive *a, size_t *question, size_t *first, size_t *second)
{
    if (a->given == a->count)
        return false;
    *question = a->given++;
    *first = a->duels[*question].first;
    *second = a->duels[*question].second;
    return true;
}

void sm_adaptive_tell(struct sm_adaptive *a, size_t question, double won)
{
    a->duels[question].won = won;
    if (++a->answered < a->count)
        return;
    sm_duels_fit(a->model, a->duels, a->count);
    if (a->count < a->budget)
        begin_round(a);
}

size_t sm_adaptive_rest(const struct sm_adaptive *a)
{
    return a->budget - a->given;
}

bool sm_adaptive_done(const struct sm_adaptive *a)
{
    return a->answered == a->budget;
}

const struct sm_duel *sm_adaptive_duels(const struct sm_adaptive *a, size_t *count)
{
    *count = a->count;
    return a->duels;
}

const struct sm_duels *sm_adaptive_model(const struct sm_adaptive *a)
{
    return a->model;
}
