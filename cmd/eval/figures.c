#include "cmd/eval/figures.h"

#include <math.h>

static const struct interval no_interval = {
    .ci = {NAN, NAN}, .method = "", .unit = "", .se = NAN, .degrees = NAN};

double eval_share(double part, double whole)
{
    return whole > 0 ? part / whole : NAN;
}

double eval_mean(const struct estimate *figure)
{
    return eval_share(figure->sum, figure->count);
}

double eval_value(const struct eval *e, int prediction)
{
    static const double of_tie[] = {[TIES_WRONG] = 0, [TIES_HALF] = 0.5, [TIES_DROPPED] = NAN};
    return prediction == 0 ? of_tie[e->ties] : prediction == 1;
}

static struct interval interval_of(struct sm_ci ci, const char *method, const char *unit)
{
    return (struct interval){.ci = ci, .method = method, .unit = unit, .se = NAN, .degrees = NAN};
}

struct interval eval_wilson(double sum, double pairs)
{
    return interval_of(sm_ci_wilson_sum(sum, pairs), "wilson", "pair");
}

struct interval eval_same(double difference, double pairs)
{
    return interval_of(sm_ci_same(difference, pairs, -1, 1), "wilson", "pair");
}

struct interval eval_cr2(const struct sm_clustered *c, struct sm_ci ci, const char *unit)
{
    struct interval interval = interval_of(ci, "cr2", unit);
    interval.se = c->se;
    interval.degrees = c->degrees;
    return interval;
}

struct interval eval_t(const struct sm_clustered *c, struct sm_ci ci, const char *unit)
{
    struct interval interval = interval_of(ci, "t", unit);
    interval.se = c->mean_se;
    interval.degrees = (double)c->clusters - 1;
    return interval;
}

/* The interval of one of the methods that take verdicts as independent: `correct` and `halves` of
 * `n`. */
static struct sm_ci independent(struct eval *e, size_t correct, size_t halves, size_t n)
{
    struct known *known = &e->known[(correct * 31 + halves * 7 + n) % KNOWN_INTERVALS];
    if (e->method == SM_CI_WILSON)
        return sm_ci_wilson(correct, n);
    if (e->method == SM_CI_EXACT)
        return sm_ci_exact(correct, n);
    if (known->n != n || known->correct != correct || known->halves != halves || n == 0) {
        *known = (struct known){.correct = correct, .halves = halves, .n = n};
        known->ci = sm_ci_mean(e->method, correct, halves, n, e->set.seed);
    }
    return known->ci;
}

/* A pair's kind: by how many values it has, and their sum in halves. */
static size_t kind_of(double sum, double count)
{
    return PAIR_HALVES * ((size_t)count - 1) + (size_t)(2 * sum);
}

static struct sm_ci draw_kinds(struct eval *e, const size_t kinds[PAIR_KINDS], size_t pairs)
{
    double *sums = sm_alloc(pairs, sizeof *sums), *counts = sm_alloc(pairs, sizeof *counts);
    size_t used = 0;
    for (size_t kind = 0; kind < PAIR_KINDS; kind++)
        for (size_t i = 0; i < kinds[kind]; i++) {
            sums[used] = 0.5 * (double)(kind % PAIR_HALVES);
            counts[used++] = kind < PAIR_HALVES ? 1 : 2;
        }
    struct sm_ci ci = sm_ci_cluster(sums, counts, used, e->set.seed);
    free(sums);
    free(counts);
    return ci;
}

/* A bootstrap of pairs, whatever their order. */
static struct sm_ci draw_pairs(struct eval *e, const double *sums, const double *counts,
                               size_t pairs)
{
    size_t kinds[PAIR_KINDS] = {0}, hash = 0;
    for (size_t i = 0; i < pairs; i++)
        kinds[kind_of(sums[i], counts[i])]++;
    for (size_t i = 0; i < PAIR_KINDS; i++)
        hash = 31 * hash + kinds[i];
    struct known_pairs *known = &e->known_pairs[hash % KNOWN_INTERVALS];
    if (!known->set || memcmp(known->kinds, kinds, sizeof kinds) != 0) {
        known->set = true;
        memcpy(known->kinds, kinds, sizeof kinds);
        known->ci = draw_kinds(e, kinds, pairs);
    }
    return known->ci;
}

/* The interval that --ci asks for, of a user's pairs or of users. */
static struct interval chosen(struct eval *e, const double *sums, const double *counts,
                              size_t clusters, const char *unit)
{
    const char *name = sm_ci_name(e->method);
    struct sm_clustered c = sm_clustered(sums, counts, clusters);
    if (e->method == SM_CI_KORN_GRAUBARD)
        return interval_of(sm_ci_korn_graubard(&c), name, unit);
    if (unit[0] == 'p')
        return interval_of(draw_pairs(e, sums, counts, clusters), name, unit);
    return interval_of(sm_ci_cluster(sums, counts, clusters, e->set.seed), name, unit);
}

static bool is_chosen(const struct eval *e, enum sm_series series)
{
    return e->method != SM_CI_AUTO && (series == SM_OF_ACCURACY || series == SM_OF_DEBIASED);
}

/* Methods that count verdicts, not users or pairs. */
static bool is_independent(const struct eval *e)
{
    return e->method != SM_CI_CLUSTER && e->method != SM_CI_KORN_GRAUBARD;
}

/* That of a share among values of 0, 0.5 and 1. */
static struct interval counted(struct eval *e, enum sm_series series, double sum, double count,
                               double halves)
{
    const char *unit = series == SM_OF_DEBIASED ? "pair" : "verdict";
    struct sm_ci ci = independent(e, (size_t)(sum - halves / 2), (size_t)halves, (size_t)count);
    return interval_of(ci, sm_ci_name(e->method), unit);
}

static double halves_of(const struct eval *e, enum sm_series series, const struct sm_tally *t)
{
    if (e->ties != TIES_HALF)
        return 0;
    return (double)(series == SM_OF_DEBIASED ? t->debiased_ties : t->ties);
}

/* The figure of a user's pairs. */
static struct estimate figure_of(struct eval *e, enum sm_series series, const struct sm_tally *t,
                                 const double *sums, const double *counts, size_t pairs)
{
    struct estimate f = {.pairs = (double)pairs, .interval = no_interval};
    for (size_t i = 0; i < pairs; i++) {
        f.sum += sums[i];
        f.count += counts[i];
        f.pair_sum += sums[i] / counts[i];
    }
    if (pairs == 0)
        return f;
    if (is_chosen(e, series) && is_independent(e)) {
        f.interval = counted(e, series, f.sum, f.count, halves_of(e, series, t));
    } else if (is_chosen(e, series)) {
        f.interval = chosen(e, sums, counts, pairs, "pair");
    } else if (series == SM_OF_BRIER) {
        struct sm_clustered c = sm_clustered(sums, counts, pairs);
        f.interval = eval_cr2(&c, sm_ci_share(&c), "pair");
    } else {
        f.interval = eval_wilson(f.pair_sum, f.pairs);
    }
    return f;
}

struct estimates eval_figures(struct eval *e, const struct sm_scorer *scorer)
{
    struct estimates figures = {.macro = NAN, .macro_interval = no_interval};
    size_t most = sm_scorer_pairs(scorer);
    double *sums = sm_alloc(most, sizeof *sums), *counts = sm_alloc(most, sizeof *counts);
    double tie = eval_value(e, 0);
    for (enum sm_series series = 0; series < SM_SERIES; series++) {
        size_t pairs = sm_scorer_values(scorer, series, tie, sums, counts);
        if (series == SM_OF_ACCURACY)
            figures.clustered = sm_clustered(sums, counts, pairs);
        figures.of[series] = figure_of(e, series, sm_scorer_tally(scorer), sums, counts, pairs);
    }
    free(sums);
    free(counts);
    return figures;
}

static void keep_figure(struct by_user *users, const struct estimate *f)
{
    if (f->count == 0)
        return;
    users->sums = sm_grow(users->sums, users->count, &users->sums_room, sizeof *users->sums);
    users->counts =
        sm_grow(users->counts, users->count, &users->counts_room, sizeof *users->counts);
    users->sums[users->count] = f->sum;
    users->counts[users->count++] = f->count;
    users->all.sum += f->sum;
    users->all.count += f->count;
    users->all.pair_sum += f->pair_sum;
    users->all.pairs += f->pairs;
    users->last = *f;
}

void eval_keep(struct judged *judged, const struct sm_tally *t, const struct estimates *figures)
{
    sm_tally_add(&judged->all, t);
    judged->failed_users += t->failed > 0;
    for (enum sm_series series = 0; series < SM_SERIES; series++)
        keep_figure(&judged->by_user[series], &figures->of[series]);
    if (figures->of[SM_OF_ACCURACY].count > 0)
        judged->last = figures->clustered;
}

void eval_release_users(struct judged *judged)
{
    for (enum sm_series series = 0; series < SM_SERIES; series++) {
        free(judged->by_user[series].sums);
        free(judged->by_user[series].counts);
    }
}

/* By user. Where users do not differ, nothing is known of how other users would: then by pair. */
static struct interval over_users(const struct by_user *users, enum sm_series series,
                                  const struct sm_clustered *c)
{
    struct sm_ci ci = sm_ci_share(c);
    if (isnan(ci.low) && series != SM_OF_BRIER)
        return eval_wilson(users->all.pair_sum, users->all.pairs);
    return eval_cr2(c, ci, "user");
}

static struct estimate figure_all(struct eval *e, const struct judged *judged,
                                  enum sm_series series)
{
    const struct by_user *users = &judged->by_user[series];
    struct estimate f = users->all;
    struct sm_clustered c = sm_clustered(users->sums, users->counts, users->count);
    if (users->count == 1)
        return users->last;
    f.interval = no_interval;
    if (users->count == 0)
        return f;
    if (is_chosen(e, series) && is_independent(e))
        f.interval = counted(e, series, f.sum, f.count, halves_of(e, series, &judged->all));
    else if (is_chosen(e, series))
        f.interval = chosen(e, users->sums, users->counts, users->count, "user");
    else
        f.interval = over_users(users, series, &c);
    return f;
}

/* --ci basic: as the reference has it. */
static struct interval basic_macro(const struct eval *e, const struct by_user *users)
{
    double *accuracies = sm_alloc(users->count, sizeof *accuracies);
    for (size_t i = 0; i < users->count; i++)
        accuracies[i] = users->sums[i] / users->counts[i];
    struct sm_ci ci = sm_ci_basic(accuracies, users->count, e->set.seed);
    free(accuracies);
    return interval_of(ci, "basic", "user");
}

static struct interval macro_interval(const struct eval *e, const struct by_user *users,
                                      const struct sm_clustered *c)
{
    if (e->method == SM_CI_BASIC)
        return basic_macro(e, users);
    struct sm_ci ci = sm_ci_mean_share(c);
    if (isnan(ci.low) && users->count > 0)
        return eval_wilson(users->all.pair_sum, users->all.pairs);
    return eval_t(c, ci, "user");
}

struct estimates eval_figures_all(struct eval *e, const struct judged *judged)
{
    const struct by_user *users = &judged->by_user[SM_OF_ACCURACY];
    struct estimates figures = {.clustered =
                                    sm_clustered(users->sums, users->counts, users->count)};
    for (enum sm_series series = 0; series < SM_SERIES; series++)
        figures.of[series] = figure_all(e, judged, series);
    figures.macro = figures.clustered.mean;
    figures.macro_interval = macro_interval(e, users, &figures.clustered);
    if (users->count == 1)
        figures.clustered = judged->last;
    return figures;
}

void eval_keep_learned(struct judged *judged, const struct taught *taught)
{
    bool none = taught->verdicts[false] > 0 && taught->verdicts[true] == 0;
    bool some = taught->verdicts[true] > 0 && taught->pairs > 0;
    judged->learners += none || some;
    judged->learned += some ? taught->pairs : 0;
}

double eval_learned(const struct judged *judged)
{
    return eval_share((double)judged->learned, (double)judged->learners);
}
