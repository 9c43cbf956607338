#include "cmd/eval/eval.h"

#include "lib/json/json.h"

#include <math.h>

#define COST_DIGITS 1e9

void eval_number(struct sm_buf *out, double number)
{
    char text[40];
    if (isnan(number)) {
        sm_buf_str(out, "null");
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    sm_buf_str(out, text);
}

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

/* The interval of `correct` and `halves` of `n`, by what --ci names; clusters have their own. */
static struct sm_ci plain_interval(struct eval *e, size_t correct, size_t halves, size_t n)
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

static void count_kind(const struct eval *e, const struct sm_outcomes *pair,
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
static struct sm_ci pair_clusters(struct eval *e, const struct sm_outcomes *outcomes, size_t count)
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
                           const struct sm_outcomes *outcomes, size_t count)
{
    if (e->method == SM_CI_CLUSTER)
        return pair_clusters(e, outcomes, count);
    return plain_interval(e, t->correct, e->ties == TIES_HALF ? t->ties : 0,
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

void eval_ci(struct sm_buf *out, const char *name, enum sm_ci_method method, struct sm_ci ci)
{
    sm_buf_printf(out, ",\"%s\":", name);
    if (isnan(ci.low)) {
        sm_buf_str(out, "null");
        return;
    }
    sm_buf_printf(out, "{\"method\":\"%s\",\"level\":", sm_ci_name(method));
    eval_number(out, SM_CI_LEVEL);
    sm_buf_str(out, ",\"low\":");
    eval_number(out, ci.low);
    sm_buf_str(out, ",\"high\":");
    eval_number(out, ci.high);
    sm_buf_char(out, '}');
}

/* Accuracy of the verdicts of both orders together. */
static void write_debiased(struct eval *e, struct sm_buf *out, const struct sm_tally *t)
{
    size_t halves = e->ties == TIES_HALF ? t->debiased_ties : 0;
    size_t n = t->debiased - (e->ties == TIES_DROPPED ? t->debiased_ties : 0);
    enum sm_ci_method method = e->method == SM_CI_CLUSTER ? SM_CI_PERCENTILE : e->method;
    sm_buf_str(out, ",\"debiased\":");
    if (t->debiased == 0) {
        sm_buf_str(out, "null");
        return;
    }
    sm_buf_str(out, "{\"accuracy\":");
    eval_number(out, eval_share((double)t->debiased_correct + 0.5 * (double)halves, (double)n));
    sm_buf_printf(out, ",\"n\":%zu,\"correct\":%zu,\"ties\":%zu", n, t->debiased_correct,
                  t->debiased_ties);
    eval_ci(out, "ci", method, plain_interval(e, t->debiased_correct, halves, n));
    sm_buf_char(out, '}');
}

/* A share of counted things with Wilson's interval, as an object; `before`: all that stands before
 * the colon after the share's name. */
static void write_share(struct sm_buf *out, const char *before, size_t part, size_t whole)
{
    sm_buf_printf(out, "%s\":", before);
    eval_number(out, eval_share((double)part, (double)whole));
    sm_buf_printf(out, ",\"n\":%zu", whole);
    eval_ci(out, "ci", SM_CI_WILSON, sm_ci_wilson(part, whole));
    sm_buf_char(out, '}');
}

static void write_calibration(struct sm_buf *out, const struct sm_bias *h)
{
    const char *comma = "";
    sm_buf_str(out, ",\"calibration\":");
    if (h->forecasts == 0) {
        sm_buf_str(out, "null");
        return;
    }
    sm_buf_printf(out, "{\"n\":%zu,\"brier\":", h->forecasts);
    eval_number(out, h->brier / (double)h->forecasts);
    sm_buf_str(out, ",\"ece\":");
    eval_number(out, sm_bias_ece(h));
    sm_buf_str(out, ",\"bins\":[");
    for (int i = 0; i < SM_BINS; i++) {
        const struct sm_bin *bin = &h->bins[i];
        if (bin->n == 0)
            continue;
        sm_buf_printf(out, "%s{\"n\":%zu,\"p_first\":", comma, bin->n);
        eval_number(out, bin->p / (double)bin->n);
        sm_buf_str(out, ",\"first\":");
        eval_number(out, bin->first / (double)bin->n);
        sm_buf_char(out, '}');
        comma = ",";
    }
    sm_buf_str(out, "]}");
}

static void write_bias(struct sm_buf *out, const struct sm_tally *t)
{
    const struct sm_bias *h = &t->bias;
    write_share(out, ",\"position\":{\"first", t->first, t->decided);
    write_share(out, ",\"consistency\":{\"agreement", t->agreed, t->both);
    sm_buf_str(out, ",\"kappa\":");
    eval_number(out, sm_kappa(h->shown));
    sm_buf_str(out, ",\"length\":");
    if (h->longer_pairs == 0) {
        sm_buf_str(out, "null");
    } else {
        write_share(out, "{\"judge\":{\"longer", h->longer_won, h->longer);
        write_share(out, ",\"user\":{\"longer", h->longer_chosen, h->longer_pairs);
        sm_buf_char(out, '}');
    }
    sm_buf_str(out, ",\"votes\":");
    if (h->voted == 0) {
        sm_buf_str(out, "null");
    } else {
        sm_buf_printf(out, "{\"n\":%zu,\"agreement\":", h->voted);
        eval_number(out, h->vote_agreement / (double)h->voted);
        sm_buf_char(out, '}');
    }
    write_calibration(out, h);
}

static void write_cost(struct sm_buf *out, const struct sm_cost *cost)
{
    const struct sm_usage *u = &cost->usage;
    sm_buf_printf(out, ",\"tokens\":{\"in\":%lld,\"out\":%lld,\"cached\":%lld,\"reasoning\":%lld}",
                  (long long)u->in, (long long)u->out, (long long)u->cached,
                  (long long)u->reasoning);
    sm_buf_str(out, ",\"cost\":");
    eval_number(out, round(sm_cost_dollars(cost) * COST_DIGITS) / COST_DIGITS);
}

/* The record's start, to be closed by the caller. */
static void write_result(struct eval *e, struct sm_buf *out, const struct judged *judged,
                         const char *user, const struct sm_tally *t, struct sm_ci ci)
{
    sm_record_open(out, SM_RESULT, user);
    if (e->several) {
        sm_buf_str(out, ",\"file\":");
        sm_json_cstring(out, judged->name);
    }
    sm_buf_str(out, ",\"accuracy\":");
    eval_number(out, eval_accuracy(e, t));
    sm_buf_printf(out,
                  ",\"n\":%.0f,\"pairs\":%zu,\"correct\":%zu,\"ties\":%zu,\"failed\":%zu,"
                  "\"unparsed\":%zu,\"truncated\":%zu,\"refused\":%zu,\"unlabeled\":%zu",
                  eval_scored(e, t), t->pairs, t->correct, t->ties, t->failed, t->unparsed,
                  t->truncated, t->refused, t->unlabeled);
    sm_buf_str(out, ",\"first_share\":");
    eval_number(out, eval_share((double)t->first, (double)t->decided));
    sm_buf_str(out, ",\"agreement\":");
    eval_number(out, eval_share((double)t->agreed, (double)t->both));
    eval_ci(out, "ci", e->method, ci);
    write_debiased(e, out, t);
    write_bias(out, t);
    write_cost(out, &t->cost);
}

void eval_result(struct eval *e, struct sm_buf *out, const struct judged *judged, const char *user,
                 const struct sm_tally *t, struct sm_ci ci)
{
    write_result(e, out, judged, user, t, ci);
    sm_buf_str(out, "}\n");
}

/* RFC 4180: always in quotes, quotes doubled. */
static void csv_text(struct sm_buf *out, const char *text)
{
    sm_buf_char(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            sm_buf_char(out, '"');
        sm_buf_char(out, *text);
    }
    sm_buf_char(out, '"');
}

static void csv_number(struct sm_buf *out, double number)
{
    sm_buf_char(out, ',');
    if (!isnan(number))
        eval_number(out, number);
}

static void csv_row(const struct eval *e, const struct judged *judged, const char *user,
                    const struct sm_tally *t, struct sm_ci ci, struct sm_buf *out)
{
    csv_text(out, judged->name);
    sm_buf_char(out, ',');
    csv_text(out, user ? user : "");
    sm_buf_printf(out, ",%zu,%.0f", t->pairs, eval_scored(e, t));
    csv_number(out, eval_accuracy(e, t));
    csv_number(out, ci.low);
    csv_number(out, ci.high);
    sm_buf_printf(out, ",%zu,%zu", t->ties, t->failed);
    csv_number(out, eval_share((double)t->first, (double)t->decided));
    csv_number(out, eval_share((double)t->agreed, (double)t->both));
    csv_number(out, user ? NAN : eval_learned(judged));
    sm_buf_str(out, "\r\n");
}

void eval_write_user(struct eval *e, const struct judged *judged, const char *user,
                     const struct sm_tally *t, struct sm_ci ci)
{
    struct sm_buf out = {0};
    if (e->set.csv) {
        csv_row(e, judged, user, t, ci, &out);
    } else if (eval_has_table(e)) {
        eval_table_user(e, user, t, ci);
    } else {
        eval_result(e, &out, judged, user, t, ci);
    }
    app_write(e->app, sm_buf_text(&out), out.len);
    sm_buf_release(&out);
}

double eval_learned(const struct judged *judged)
{
    return eval_share((double)judged->learned, (double)judged->learners);
}

static void write_macro(const struct eval *e, const struct judged *judged, struct sm_buf *out)
{
    double *accuracies = sm_alloc(judged->scored_users, sizeof *accuracies);
    for (size_t i = 0; i < judged->scored_users; i++)
        accuracies[i] = judged->sums[i] / judged->counts[i];
    sm_buf_str(out, ",\"macro\":{\"accuracy\":");
    eval_number(out, sm_mean(accuracies, judged->scored_users));
    eval_ci(out, "ci", SM_CI_BASIC, sm_ci_basic(accuracies, judged->scored_users, e->set.seed));
    sm_buf_char(out, '}');
    free(accuracies);
}

void eval_result_all(struct eval *e, struct sm_buf *out, const struct judged *judged,
                     struct sm_ci ci)
{
    write_result(e, out, judged, NULL, &judged->all, ci);
    sm_buf_printf(out, ",\"users\":%zu,\"users_failed\":%zu,\"users_pending\":%zu",
                  sm_string_set_count(judged->users), judged->failed_users, judged->pending_users);
    sm_buf_str(out, ",\"learned_from\":");
    eval_number(out, eval_learned(judged));
    write_macro(e, judged, out);
    sm_buf_str(out, "}\n");
}

void eval_write_all(struct eval *e, struct judged *judged)
{
    struct sm_ci ci = judged->ci = eval_interval_all(e, judged);
    struct sm_buf out = {0};
    if (e->set.csv) {
        csv_row(e, judged, NULL, &judged->all, ci, &out);
    } else if (eval_has_table(e)) {
        eval_table_all(e, judged, ci);
    } else {
        eval_result_all(e, &out, judged, ci);
    }
    app_write(e->app, sm_buf_text(&out), out.len);
    sm_buf_release(&out);
}
