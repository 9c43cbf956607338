#include "cmd/eval/figures.h"

#include <math.h>

double eval_share(double part, double whole)
{
    return whole > 0 ? part / whole : NAN;
}

double eval_scored(const struct eval *e, const struct sm_tally *t)
{
    return (double)(e->ties == TIES_DROPPED ? t->n - t->ties : t->n);
}

double eval_sum(const struct eval *e, const struct sm_tally *t)
{
    return (double)t->correct + (e->ties == TIES_HALF ? 0.5 * (double)t->ties : 0);
}

void eval_keep(const struct eval *e, struct judged *judged, const struct sm_tally *t)
{
    sm_tally_add(&judged->all, t);
    judged->failed_users += t->failed > 0;
    if (eval_scored(e, t) == 0)
        return;
    judged->sums =
        sm_grow(judged->sums, judged->scored_users, &judged->sums_room, sizeof *judged->sums);
    judged->counts =
        sm_grow(judged->counts, judged->scored_users, &judged->counts_room, sizeof *judged->counts);
    judged->sums[judged->scored_users] = eval_sum(e, t);
    judged->counts[judged->scored_users++] = eval_scored(e, t);
}

void eval_keep_learned(struct judged *judged, const struct taught *taught)
{
    bool none = taught->verdicts[false] > 0 && taught->verdicts[true] == 0;
    bool some = taught->verdicts[true] > 0 && taught->pairs > 0;
    judged->learners += none || some;
    judged->learned += some ? taught->pairs : 0;
}

double eval_value(const struct eval *e, int prediction)
{
    static const double of_tie[] = {[TIES_WRONG] = 0, [TIES_HALF] = 0.5, [TIES_DROPPED] = NAN};
    return prediction == 0 ? of_tie[e->ties] : prediction == 1;
}

double eval_accuracy(const struct eval *e, const struct sm_tally *t)
{
    return eval_share(eval_sum(e, t), eval_scored(e, t));
}

struct sm_ci eval_interval_of(struct eval *e, size_t correct, size_t halves, size_t n)
{
    struct known *known = &e->known[(correct * 31 + halves * 7 + n) % KNOWN_INTERVALS];
    if (e->method == SM_CI_WILSON)
        return sm_ci_wilson(correct, n);
    if (e->method == SM_CI_EXACT)
        return sm_ci_exact(correct, n);
    if (known->n != n || known->correct != correct || known->halves != halves || n == 0) {
        *known = (struct known){.correct = correct, .halves = halves, .n = n};
        known->ci = sm_ci_mean(e->method == SM_CI_CLUSTER ? SM_CI_PERCENTILE : e->method, correct,
                               halves, n, e->set.seed);
    }
    return known->ci;
}

static void count_kind(const struct eval *e, const struct sm_pair_predictions *pair,
                       size_t kinds[PAIR_KINDS])
{
    size_t halves = 0, scored = 0;
    for (int k = 0; k < 2; k++) {
        int prediction = pair->prediction[k];
        double value = prediction == SM_NO_PREDICTION ? NAN : eval_value(e, prediction);
        scored += !isnan(value);
        halves += isnan(value) ? 0 : (size_t)(2 * value);
    }
    if (scored > 0)
        kinds[PAIR_HALVES * (scored - 1) + halves]++;
}

static struct sm_ci kinds_interval(struct eval *e, const size_t kinds[PAIR_KINDS], size_t count)
{
    double *sums = sm_alloc(count, sizeof *sums), *counts = sm_alloc(count, sizeof *counts);
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

/* A user's clusters are pairs: the verdicts of both orders belong together. */
static struct sm_ci pair_clusters(struct eval *e, const struct sm_pair_predictions *outcomes,
                                  size_t count)
{
    size_t kinds[PAIR_KINDS] = {0}, hash = 0;
    for (size_t i = 0; i < count; i++)
        count_kind(e, &outcomes[i], kinds);
    for (size_t i = 0; i < PAIR_KINDS; i++)
        hash = 31 * hash + kinds[i];
    struct known_pairs *known = &e->known_pairs[hash % KNOWN_INTERVALS];
    if (!known->set || memcmp(known->kinds, kinds, sizeof kinds) != 0) {
        known->set = true;
        memcpy(known->kinds, kinds, sizeof kinds);
        known->ci = kinds_interval(e, kinds, count);
    }
    return known->ci;
}

struct sm_ci eval_interval(struct eval *e, const struct sm_tally *t,
                           const struct sm_pair_predictions *outcomes, size_t count)
{
    if (e->method == SM_CI_CLUSTER)
        return pair_clusters(e, outcomes, count);
    return eval_interval_of(e, t->correct, e->ties == TIES_HALF ? t->ties : 0,
                            (size_t)eval_scored(e, t));
}

struct sm_ci eval_interval_all(struct eval *e, const struct judged *judged)
{
    if (e->method == SM_CI_CLUSTER && judged->scored_users == 1)
        return judged->last;
    if (e->method == SM_CI_CLUSTER)
        return sm_ci_cluster(judged->sums, judged->counts, judged->scored_users, e->set.seed);
    return eval_interval(e, &judged->all, NULL, 0);
}

double eval_learned(const struct judged *judged)
{
    return eval_share((double)judged->learned, (double)judged->learners);
}
