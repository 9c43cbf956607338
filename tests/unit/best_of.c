/* How often each way of sm-rank finds the best of several, with a made-up judge: strengths and the
 * lean to the first place are normal, and an answer follows the model of duels.h. Writes an object
 * for each way.
 *
 * usage: best_of CONTESTANTS SPREAD LEAN WORLDS SEED */
#include "lib/eval/adaptive.h"
#include "lib/eval/tournament.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64 };

struct world {
    size_t n, best;
    bool first[MOST][MOST]; /* whether the first shown is preferred */
};

/* What one way found in a world. */
struct found {
    size_t best, calls;
    double chance;
};

static double normal(struct sm_rng *rng)
{
    double u = sm_rng_double(rng), v = sm_rng_double(rng);
    return sqrt(-2 * log(1 - u)) * cos(2 * acos(-1) * v);
}

static void make_world(struct world *w, double spread, double lean, struct sm_rng *rng)
{
    double strength[MOST], place = lean * normal(rng);
    w->best = 0;
    for (size_t i = 0; i < w->n; i++) {
        strength[i] = spread * normal(rng);
        w->best = strength[i] > strength[w->best] ? i : w->best;
    }
    for (size_t i = 0; i < w->n; i++) {
        for (size_t k = 0; k < w->n; k++)
            w->first[i][k] = sm_rng_double(rng) < 1 / (1 + exp(strength[k] - strength[i] - place));
    }
}

static void add_duel(const struct world *w, size_t first, size_t second, struct sm_duel *duels,
                     size_t *count)
{
    duels[(*count)++] = (struct sm_duel){first, second, w->first[first][second]};
}

static struct found knock_out(const struct world *w, bool both, int64_t seed)
{
    struct sm_tournament *t = sm_tournament_open(SM_KNOCKOUT, w->n, seed);
    struct sm_duel duels[2 * MOST];
    struct sm_match m;
    struct found found = {0};
    while (sm_tournament_next(t, &m)) {
        bool a_first = sm_tournament_a_first(t, m);
        int points = 0; /* of a less those of b */
        if (both || a_first) {
            add_duel(w, m.a, m.b, duels, &found.calls);
            points += w->first[m.a][m.b] ? 1 : -1;
        }
        if (both || !a_first) {
            add_duel(w, m.b, m.a, duels, &found.calls);
            points += w->first[m.b][m.a] ? -1 : 1;
        }
        sm_tournament_tell(t, m, points == 0 ? SM_DRAWN : points > 0 ? SM_A_WON : SM_B_WON);
    }
    struct sm_duels *model = sm_duels_open(w->n);
    sm_duels_fit(model, duels, found.calls);
    found.best = sm_tournament_order(t)[0];
    found.chance = sm_duels_chance(model, found.best);
    sm_duels_close(model);
    sm_tournament_close(t);
    return found;
}

static struct found adapt(const struct world *w, size_t budget, int64_t seed)
{
    struct sm_adaptive *a = sm_adaptive_open(w->n, budget, seed);
    struct found found = {0};
    size_t question, first, second;
    while (sm_adaptive_next(a, &question, &first, &second)) {
        sm_adaptive_tell(a, question, w->first[first][second]);
        found.calls++;
    }
    const struct sm_duels *model = sm_adaptive_model(a);
    for (size_t i = 1; i < w->n; i++) {
        if (sm_duels_strength(model, i) > sm_duels_strength(model, found.best))
            found.best = i;
    }
    found.chance = sm_duels_chance(model, found.best);
    sm_adaptive_close(a);
    return found;
}

static struct found find(const struct world *w, int way, int64_t seed)
{
    size_t usual = sm_adaptive_usual(w->n);
    return way < 2 ? knock_out(w, way == 1, seed) : adapt(w, way == 2 ? usual : 2 * usual, seed);
}

int main(int argc, char **argv)
{
    static const char *const ways[] = {"best", "best, both", "adaptive", "adaptive, twice as many"};
    if (argc != 6)
        return 2;
    long worlds = strtol(argv[4], NULL, 10);
    for (int way = 0; way < 4; way++) {
        struct world w = {.n = (size_t)strtol(argv[1], NULL, 10)};
        struct sm_rng rng;
        double found = 0, chance = 0, calls = 0;
        if (w.n < 2 || w.n > MOST)
            return 2;
        sm_rng_seed(&rng, strtol(argv[5], NULL, 10));
        for (long i = 0; i < worlds; i++) {
            make_world(&w, strtod(argv[2], NULL), strtod(argv[3], NULL), &rng);
            struct found one = find(&w, way, i);
            found += one.best == w.best;
            chance += one.chance;
            calls += (double)one.calls;
        }
        printf("{\"way\":\"%s\",\"n\":%zu,\"calls\":%g,\"found\":%.3f,\"chance\":%.3f}\n",
               ways[way], w.n, calls / (double)worlds, found / (double)worlds,
               chance / (double)worlds);
    }
    return 0;
}
