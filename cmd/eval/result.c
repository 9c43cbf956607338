#include "cmd/eval/result.h"

#include "cmd/eval/figures.h"
#include "cmd/eval/numbers.h"

#include "lib/json/json.h"

#include <math.h>

#define COST_DIGITS 1e9

/* The accuracy of both orders together. */
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
    eval_ci(out, "ci", method, eval_interval_of(e, t->debiased_correct, halves, n));
    sm_buf_char(out, '}');
}

/* Appends an object with a share and its Wilson interval. `before` is everything up to the end of
 * the share's name. */
static void write_share(struct sm_buf *out, const char *before, size_t part, size_t whole)
{
    sm_buf_printf(out, "%s\":", before);
    eval_number(out, eval_share((double)part, (double)whole));
    sm_buf_printf(out, ",\"n\":%zu", whole);
    eval_ci(out, "ci", SM_CI_WILSON, sm_ci_wilson(part, whole));
    sm_buf_char(out, '}');
}

static void write_calibration(struct sm_buf *out, const struct sm_bias *bias)
{
    const char *comma = "";
    sm_buf_str(out, ",\"calibration\":");
    if (bias->forecasts == 0) {
        sm_buf_str(out, "null");
        return;
    }
    sm_buf_printf(out, "{\"n\":%zu,\"brier\":", bias->forecasts);
    eval_number(out, bias->brier / (double)bias->forecasts);
    sm_buf_str(out, ",\"ece\":");
    eval_number(out, sm_bias_ece(bias));
    sm_buf_str(out, ",\"bins\":[");
    for (int i = 0; i < SM_BINS; i++) {
        const struct sm_bin *bin = &bias->bins[i];
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
    const struct sm_bias *bias = &t->bias;
    write_share(out, ",\"position\":{\"first", t->first, t->decided);
    write_share(out, ",\"consistency\":{\"agreement", t->agreed, t->both);
    sm_buf_str(out, ",\"kappa\":");
    eval_number(out, sm_kappa(bias->shown));
    sm_buf_str(out, ",\"length\":");
    if (bias->longer_pairs == 0) {
        sm_buf_str(out, "null");
    } else {
        write_share(out, "{\"judge\":{\"longer", bias->longer_won, bias->longer);
        write_share(out, ",\"user\":{\"longer", bias->longer_chosen, bias->longer_pairs);
        sm_buf_char(out, '}');
    }
    sm_buf_str(out, ",\"votes\":");
    if (bias->voted == 0) {
        sm_buf_str(out, "null");
    } else {
        sm_buf_printf(out, "{\"n\":%zu,\"agreement\":", bias->voted);
        eval_number(out, bias->vote_agreement / (double)bias->voted);
        sm_buf_char(out, '}');
    }
    write_calibration(out, bias);
}

static void write_cost(struct sm_buf *out, const struct sm_cost *cost)
{
    sm_record_tokens(out, &cost->usage);
    sm_buf_str(out, ",\"cost\":");
    eval_number(out, round(sm_cost_dollars(cost) * COST_DIGITS) / COST_DIGITS);
}

/* The beginning of the record, which the caller closes. */
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
