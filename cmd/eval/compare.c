#include "cmd/eval/compare.h"

#include "cmd/eval/figures.h"
#include "cmd/eval/numbers.h"
#include "cmd/eval/table.h"

#include "lib/json/json.h"

#include <math.h>

#define NAMED_MAX 10 /* pairs without a counterpart that are named one by one */

/* What two inputs have in common, and what not. */
struct match {
    size_t pairs, verdicts, only_a, only_b; /* only_…: right in that one alone */
    double sum_a, sum_b, scored;
    /* By user: differences of accuracies and of sums; scored verdicts. */
    double *differences, *sums, *counts;
    double *pair_sums, *pair_counts; /* the latter two, by pair */
    size_t pair_room[2];
    size_t users, better, worse; /* users with a scored match; b against a */
    size_t missing_a, missing_b; /* verdicts that a lacks; that b lacks */
};

static void name_missing(struct eval *e, const char *file, const char *user, size_t index,
                         bool reverse, size_t *missing)
{
    if (++*missing > NAMED_MAX && !e->app->set.verbose)
        return;
    struct sm_err err = {0};
    sm_err_set(&err, SM_EXIT_PARTIAL, NULL,
               "%s has no verdict for user %s, pair %zu, order %s: that one is not compared", file,
               user, index, reverse ? "reverse" : "forward");
    app_fail(e->app, &err);
}

static const struct sm_pair_predictions nothing = {
    .prediction = {SM_NO_PREDICTION, SM_NO_PREDICTION}};

/* Against a judge that was asked in both orders, one that looks at no order said the same in both.
 */
static struct sm_pair_predictions in_orders_of(const struct sm_pair_predictions *of,
                                               const struct sm_pair_predictions *other)
{
    struct sm_pair_predictions filled = *of;
    bool any = other->prediction[0] != SM_NO_PREDICTION || other->prediction[1] != SM_NO_PREDICTION;
    for (int k = 0; k < 2 && any && of->orderless && !other->orderless; k++) {
        bool wanted = other->prediction[k] != SM_NO_PREDICTION;
        filled.prediction[k] =
            (short)(!wanted                                 ? SM_NO_PREDICTION
                    : of->prediction[k] != SM_NO_PREDICTION ? of->prediction[k]
                                                            : of->prediction[!k]);
    }
    return filled;
}

/* One pair of one user. An input without it gives `nothing`. */
static void match_pair(struct eval *e, struct match *m, const struct judged *const files[2],
                       const struct sm_pair_predictions *a, const struct sm_pair_predictions *b,
                       size_t index, const char *user, double sums[3])
{
    double difference = 0, matched = 0;
    struct sm_pair_predictions orders_a = in_orders_of(a, b), orders_b = in_orders_of(b, a);
    for (int k = 0; k < 2; k++) {
        int of_a = orders_a.prediction[k], of_b = orders_b.prediction[k];
        if (of_a == SM_NO_PREDICTION && of_b == SM_NO_PREDICTION)
            continue;
        if (of_a == SM_NO_PREDICTION) {
            name_missing(e, files[0]->name, user, index, k == 1, &m->missing_a);
            continue;
        }
        if (of_b == SM_NO_PREDICTION) {
            name_missing(e, files[1]->name, user, index, k == 1, &m->missing_b);
            continue;
        }
        double value_a = eval_value(e, of_a), value_b = eval_value(e, of_b);
        if (isnan(value_a) || isnan(value_b))
            continue; /* --ties drop */
        matched++;
        difference += value_b - value_a;
        m->verdicts++;
        m->only_a += of_a == 1 && of_b != 1;
        m->only_b += of_b == 1 && of_a != 1;
        sums[0] += value_a;
        sums[1] += value_b;
        sums[2]++;
    }
    if (matched == 0)
        return;
    m->pair_sums = sm_grow(m->pair_sums, m->pairs, &m->pair_room[0], sizeof *m->pair_sums);
    m->pair_counts = sm_grow(m->pair_counts, m->pairs, &m->pair_room[1], sizeof *m->pair_counts);
    m->pair_sums[m->pairs] = difference;
    m->pair_counts[m->pairs++] = matched;
}

static const struct span no_span;

static void match_user(struct eval *e, struct match *m, const struct judged *const files[2],
                       struct span a, struct span b, const char *user)
{
    const struct sm_pair_predictions *at_a = a.count ? files[0]->outcomes + a.from : &nothing;
    const struct sm_pair_predictions *at_b = b.count ? files[1]->outcomes + b.from : &nothing;
    double sums[3] = {0};
    for (size_t i = 0, k = 0; i < a.count || k < b.count;) {
        bool take_a = i < a.count && (k == b.count || at_a[i].index <= at_b[k].index);
        bool take_b = k < b.count && (i == a.count || at_b[k].index <= at_a[i].index);
        match_pair(e, m, files, take_a ? &at_a[i] : &nothing, take_b ? &at_b[k] : &nothing,
                   take_a ? at_a[i].index : at_b[k].index, user, sums);
        i += take_a;
        k += take_b;
    }
    if (sums[2] == 0)
        return;
    m->sum_a += sums[0];
    m->sum_b += sums[1];
    m->scored += sums[2];
    m->differences[m->users] = (sums[1] - sums[0]) / sums[2];
    m->sums[m->users] = sums[1] - sums[0];
    m->counts[m->users] = sums[2];
    m->better += sums[1] > sums[0];
    m->worse += sums[1] < sums[0];
    m->users++;
}

static struct span span_of(const struct judged *judged, const char *user)
{
    bool known;
    size_t number = sm_string_set_find(judged->users, user, &known);
    return known ? judged->spans[number] : no_span;
}

static void match_all(struct eval *e, struct match *m, const struct judged *const files[2])
{
    size_t count = sm_string_set_count(files[0]->users),
           count_b = sm_string_set_count(files[1]->users);
    m->differences = sm_alloc(count, sizeof *m->differences);
    m->sums = sm_alloc(count, sizeof *m->sums);
    m->counts = sm_alloc(count, sizeof *m->counts);
    for (size_t i = 0; i < count; i++) {
        const char *user = sm_string_set_text(files[0]->users, i);
        match_user(e, m, files, files[0]->spans[i], span_of(files[1], user), user);
    }
    for (size_t i = 0; i < count_b; i++) {
        const char *user = sm_string_set_text(files[1]->users, i);
        bool known;
        sm_string_set_find(files[0]->users, user, &known);
        if (!known)
            match_user(e, m, files, no_span, files[1]->spans[i], user);
    }
}

static void report_missing(struct eval *e, const char *file, size_t missing)
{
    struct sm_err err = {0};
    if (missing <= NAMED_MAX || e->app->set.verbose)
        return;
    sm_err_set(&err, SM_EXIT_PARTIAL, "judge the same pairs with both, or name them all with -v",
               "%s lacks %zu more verdicts that are not compared", file, missing - NAMED_MAX);
    app_fail(e->app, &err);
}

static void member(struct sm_buf *out, const char *name, double number)
{
    sm_buf_printf(out, ",\"%s\":", name);
    eval_number(out, number);
}

static void write_record(struct eval *e, const struct match *m, const struct judged *a,
                         const struct judged *b, struct sm_buf *out)
{
    double share_a = m->sum_a / m->scored, share_b = m->sum_b / m->scored;
    sm_record_open(out, SM_COMPARISON, NULL);
    sm_buf_str(out, ",\"a\":");
    sm_json_cstring(out, a->name);
    sm_buf_str(out, ",\"b\":");
    sm_json_cstring(out, b->name);
    sm_buf_printf(out, ",\"pairs\":%zu,\"n\":%zu,\"only_in_a\":%zu,\"only_in_b\":%zu", m->pairs,
                  m->verdicts, m->missing_b, m->missing_a);
    member(out, "learned_from_a", eval_learned(a));
    member(out, "learned_from_b", eval_learned(b));
    member(out, "accuracy_a", share_a);
    member(out, "accuracy_b", share_b);
    member(out, "difference", b->difference);
    eval_ci(out, "ci", SM_CI_CLUSTER, b->difference_ci);
    member(out, "cohens_h", sm_cohen_h(share_b, share_a));
    sm_buf_printf(out, ",\"mcnemar\":{\"only_a\":%zu,\"only_b\":%zu", m->only_a, m->only_b);
    member(out, "p", sm_mcnemar(m->only_a, m->only_b));
    sm_buf_printf(out, "},\"users\":{\"n\":%zu,\"better\":%zu,\"worse\":%zu", m->users, m->better,
                  m->worse);
    member(out, "difference", sm_mean(m->differences, m->users));
    eval_ci(out, "ci", SM_CI_BASIC, sm_ci_basic(m->differences, m->users, e->set.seed));
    member(out, "cohens_d", sm_cohen_d(m->differences, m->users));
    member(out, "permutation_p", sm_permutation(m->differences, m->users, e->set.seed));
    member(out, "wilcoxon_p", sm_wilcoxon(m->differences, m->users));
    sm_buf_str(out, "}}\n");
}

static void write_sentence(struct eval *e, const struct match *m, const struct judged *a,
                           const struct judged *b)
{
    double h = sm_cohen_h(m->sum_b / m->scored, m->sum_a / m->scored);
    sm_buf_printf(
        &e->text,
        "%s against %s: %+.1f points [%+.1f, %+.1f], h %+.2f, on %zu pair%s of %zu user%s; ",
        b->name, a->name, 100 * b->difference, 100 * b->difference_ci.low,
        100 * b->difference_ci.high, h, m->pairs, m->pairs == 1 ? "" : "s", m->users,
        m->users == 1 ? "" : "s");
    sm_buf_printf(&e->text,
                  "better for %zu, worse for %zu; McNemar p %.3g, permutation over users p %.3g\n",
                  m->better, m->worse, sm_mcnemar(m->only_a, m->only_b),
                  sm_permutation(m->differences, m->users, e->set.seed));
}

void eval_compare(struct eval *e, const struct judged *a, struct judged *b, bool *worse)
{
    const struct judged *files[2] = {a, b};
    struct match m = {0};
    match_all(e, &m, files);
    report_missing(e, a->name, m.missing_a);
    report_missing(e, b->name, m.missing_b);
    struct sm_ci ci = m.users == 1 ? sm_ci_cluster(m.pair_sums, m.pair_counts, m.pairs, e->set.seed)
                                   : sm_ci_cluster(m.sums, m.counts, m.users, e->set.seed);
    b->compared = m.users > 0;
    b->difference = (m.sum_b - m.sum_a) / m.scored;
    b->difference_ci = ci;
    *worse = b->compared && ci.high < 0;
    if (!b->compared) {
        struct sm_err err = {0};
        sm_err_set(&err, SM_EXIT_INPUT, "compare judges of the same pairs",
                   "%s and %s have no pair in common", a->name, b->name);
        app_fail(e->app, &err);
    } else if (eval_has_table(e)) {
        write_sentence(e, &m, a, b);
    } else if (!e->set.csv) {
        struct sm_buf out = {0};
        write_record(e, &m, a, b, &out);
        app_write(e->app, out.data, out.len);
        sm_buf_release(&out);
    }
    free(m.differences);
    free(m.sums);
    free(m.counts);
    free(m.pair_sums);
    free(m.pair_counts);
}
