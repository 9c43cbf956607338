#include "cmd/eval/result.h"

#include "cmd/eval/figures.h"
#include "cmd/eval/numbers.h"

#include "lib/json/json.h"

#include <math.h>

#define COST_DIGITS 1e9

/* The accuracy of both orders together. */
static void write_debiased(struct sm_buf *out, const struct sm_tally *t, const struct estimate *f)
{
    sm_buf_str(out, ",\"debiased\":");
    if (t->debiased == 0) {
        sm_buf_str(out, "null");
        return;
    }
    sm_buf_str(out, "{\"accuracy\":");
    eval_number(out, eval_mean(f));
    sm_buf_printf(out, ",\"n\":%.0f,\"correct\":%zu,\"ties\":%zu", f->count, t->debiased_correct,
                  t->debiased_ties);
    eval_ci(out, "ci", &f->interval);
    sm_buf_char(out, '}');
}

/* How much the clusters matter: users, or of one user pairs. */
static void write_clustering(struct sm_buf *out, const struct estimates *figures, const char *unit)
{
    const struct sm_clustered *c = &figures->clustered;
    sm_buf_str(out, ",\"clustering\":");
    if (c->clusters < 2) {
        sm_buf_str(out, "null");
        return;
    }
    sm_buf_printf(out, "{\"unit\":\"%s\",\"clusters\":%zu", unit, c->clusters);
    eval_member(out, "se", c->se_cr0);
    eval_member(out, "se_cr1", c->se_cr1);
    eval_member(out, "se_cr2", c->se);
    eval_member(out, "degrees", c->degrees);
    eval_member(out, "deff", c->deff);
    sm_buf_char(out, '}');
}

/* Appends an object with a share and its interval, which the caller closes. `before` is everything
 * up to the end of the share's name. */
static void write_share(struct sm_buf *out, const char *before, const struct estimate *f)
{
    sm_buf_printf(out, "%s\":", before);
    eval_number(out, eval_mean(f));
    sm_buf_printf(out, ",\"n\":%.0f", f->count);
    eval_ci(out, "ci", &f->interval);
}

static void write_bins(struct sm_buf *out, const struct sm_bias *bias)
{
    const char *comma = "";
    sm_buf_str(out, ",\"bins\":[");
    for (int i = 0; i < SM_BINS; i++) {
        const struct sm_bin *bin = &bias->bins[i];
        if (bin->n == 0)
            continue;
        sm_buf_printf(out, "%s{\"n\":%zu,\"p_first\":", comma, bin->n);
        eval_number(out, bin->p / (double)bin->n);
        eval_member(out, "first", bin->first / (double)bin->n);
        sm_buf_char(out, '}');
        comma = ",";
    }
    sm_buf_char(out, ']');
}

static void write_calibration(struct sm_buf *out, const struct sm_bias *bias,
                              const struct estimate *brier)
{
    struct sm_murphy parts = sm_bias_murphy(bias);
    sm_buf_str(out, ",\"calibration\":");
    if (bias->forecasts == 0) {
        sm_buf_str(out, "null");
        return;
    }
    sm_buf_printf(out, "{\"n\":%zu", bias->forecasts);
    eval_member(out, "brier", eval_mean(brier));
    eval_ci(out, "ci", &brier->interval);
    eval_member(out, "reliability", parts.reliability);
    eval_member(out, "resolution", parts.resolution);
    eval_member(out, "uncertainty", parts.uncertainty);
    eval_member(out, "ece", sm_bias_ece(bias));
    write_bins(out, bias);
    sm_buf_char(out, '}');
}

/* The lean to a place: pairs where both orders give the reply shown first, or the one shown second.
 */
static void write_position(struct sm_buf *out, const struct sm_tally *t, const struct estimate *f)
{
    size_t first = t->orders[0][1], second = t->orders[1][0];
    bool any = t->orders[0][0] + t->orders[1][1] + first + second > 0;
    write_share(out, ",\"position\":{\"first", f);
    sm_buf_printf(out, ",\"both_first\":%zu,\"both_second\":%zu", first, second);
    eval_member(out, "lean", sm_tally_lean(t));
    eval_member(out, "p", any ? sm_sign_test(first, second) : NAN);
    sm_buf_char(out, '}');
}

static void write_bias(struct sm_buf *out, const struct sm_tally *t, const struct estimate *of)
{
    const struct sm_bias *bias = &t->bias;
    write_position(out, t, &of[SM_OF_FIRST]);
    write_share(out, ",\"consistency\":{\"agreement", &of[SM_OF_AGREEMENT]);
    sm_buf_char(out, '}');
    eval_member(out, "kappa", sm_kappa(t->orders));
    sm_buf_str(out, ",\"length\":");
    if (of[SM_OF_USER_LONGER].count == 0) {
        sm_buf_str(out, "null");
    } else {
        write_share(out, "{\"judge\":{\"longer", &of[SM_OF_LONGER]);
        write_share(out, "},\"user\":{\"longer", &of[SM_OF_USER_LONGER]);
        sm_buf_str(out, "}}");
    }
    sm_buf_str(out, ",\"votes\":");
    if (bias->voted == 0) {
        sm_buf_str(out, "null");
    } else {
        sm_buf_printf(out, "{\"n\":%zu,\"agreement\":", bias->voted);
        eval_number(out, bias->vote_agreement / (double)bias->voted);
        sm_buf_char(out, '}');
    }
    write_calibration(out, bias, &of[SM_OF_BRIER]);
}

static void write_cost(struct sm_buf *out, const struct sm_cost *cost)
{
    sm_record_tokens(out, &cost->usage);
    sm_buf_str(out, ",\"cost\":");
    eval_number(out, round(sm_cost_dollars(cost) * COST_DIGITS) / COST_DIGITS);
}

/* The beginning of the record, which the caller closes. */
static void write_result(struct eval *e, struct sm_buf *out, const struct judged *judged,
                         const char *user, const struct sm_tally *t,
                         const struct estimates *figures)
{
    const struct estimate *accuracy = &figures->of[SM_OF_ACCURACY];
    bool by_user = !user && judged->by_user[SM_OF_ACCURACY].count > 1;
    sm_record_open(out, SM_RESULT, user);
    if (e->several) {
        sm_buf_str(out, ",\"file\":");
        sm_json_cstring(out, judged->name);
    }
    sm_buf_str(out, ",\"accuracy\":");
    eval_number(out, eval_mean(accuracy));
    sm_buf_printf(out,
                  ",\"n\":%.0f,\"pairs\":%zu,\"correct\":%zu,\"ties\":%zu,\"failed\":%zu,"
                  "\"unparsed\":%zu,\"truncated\":%zu,\"refused\":%zu,\"unlabeled\":%zu",
                  accuracy->count, t->pairs, t->correct, t->ties, t->failed, t->unparsed,
                  t->truncated, t->refused, t->unlabeled);
    eval_member(out, "first_share", eval_share((double)t->first, (double)t->decided));
    eval_member(out, "agreement", eval_share((double)t->agreed, (double)t->both));
    eval_ci(out, "ci", &accuracy->interval);
    write_clustering(out, figures, by_user ? "user" : "pair");
    write_debiased(out, t, &figures->of[SM_OF_DEBIASED]);
    write_bias(out, t, figures->of);
    write_cost(out, &t->cost);
}

static void write_shrunk(struct sm_buf *out, const struct sm_shrunk *shrunk)
{
    if (isnan(shrunk->mean)) {
        sm_buf_str(out, ",\"shrunk\":null");
        return;
    }
    sm_buf_str(out, ",\"shrunk\":{\"mean\":");
    eval_number(out, shrunk->mean);
    eval_member(out, "low", shrunk->low);
    eval_member(out, "high", shrunk->high);
    eval_member(out, "above_half", shrunk->above_half);
    sm_buf_char(out, '}');
}

void eval_result(struct eval *e, struct sm_buf *out, const struct judged *judged, const char *user,
                 const struct sm_tally *t, const struct estimates *figures,
                 const struct sm_shrunk *shrunk)
{
    write_result(e, out, judged, user, t, figures);
    if (shrunk)
        write_shrunk(out, shrunk);
    sm_buf_str(out, "}\n");
}

void eval_result_all(struct eval *e, struct sm_buf *out, const struct judged *judged,
                     const struct estimates *figures)
{
    write_result(e, out, judged, NULL, &judged->all, figures);
    sm_buf_printf(out, ",\"users\":%zu,\"users_failed\":%zu,\"users_pending\":%zu",
                  sm_string_set_count(judged->users), judged->failed_users, judged->pending_users);
    eval_member(out, "learned_from", eval_learned(judged));
    sm_buf_str(out, ",\"macro\":{\"accuracy\":");
    eval_number(out, figures->macro);
    eval_ci(out, "ci", &figures->macro_interval);
    sm_buf_str(out, "}}\n");
}
