#include "cmd/eval/compare.h"

#include "cmd/eval/each.h"
#include "cmd/eval/figures.h"

#include "lib/eval/multiplicity.h"

#include <math.h>

#define NAMED_MAX 10 /* pairs without a counterpart that are named one by one */

/* Sums of b's values less a's, and how many these are, by user or by pair. */
struct clusters {
    double *sums, *counts;
    size_t count, sums_room, counts_room;
};

/* The same matches, with what --ties makes of ties, or with ties as half right. */
struct differences {
    struct clusters users, pairs;
    double user_sum, user_count; /* of the current user */
};

/* What two inputs have in common. */
struct match {
    struct comparison *to; /* its counts */
    double sum_a, sum_b, scored;
    struct differences scored_by, halved_by;
    double tied_a, tied_b, right_a,
        right_b; /* verdicts: with a tie of one alone; the other right */
};

static void push(struct clusters *c, double sum, double count)
{
    c->sums = sm_grow(c->sums, c->count, &c->sums_room, sizeof *c->sums);
    c->counts = sm_grow(c->counts, c->count, &c->counts_room, sizeof *c->counts);
    c->sums[c->count] = sum;
    c->counts[c->count++] = count;
}

static void add_pair(struct differences *d, double sum, double count)
{
    if (count == 0)
        return;
    push(&d->pairs, sum, count);
    d->user_sum += sum;
    d->user_count += count;
}

static void end_user(struct differences *d)
{
    if (d->user_count > 0)
        push(&d->users, d->user_sum, d->user_count);
    d->user_sum = d->user_count = 0;
}

static void release(struct differences *d)
{
    free(d->users.sums);
    free(d->users.counts);
    free(d->pairs.sums);
    free(d->pairs.counts);
}

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

/* Whether both have a verdict on the pair in an order; if one alone has, that is told. */
static bool is_matched(struct eval *e, struct match *m, const struct judged *const files[2],
                       int of_a, int of_b, const char *user, size_t index, bool reverse)
{
    if (of_a == SM_NO_PREDICTION && of_b != SM_NO_PREDICTION)
        name_missing(e, files[0]->name, user, index, reverse, &m->to->missing_a);
    if (of_b == SM_NO_PREDICTION && of_a != SM_NO_PREDICTION)
        name_missing(e, files[1]->name, user, index, reverse, &m->to->missing_b);
    return of_a != SM_NO_PREDICTION && of_b != SM_NO_PREDICTION;
}

/* --ties drop: whose ties take a pair out, and how right the other judge was there. */
static void count_left_out(struct match *m, const int of[2][2], size_t count)
{
    bool tie_a = false, tie_b = false;
    for (size_t i = 0; i < count; i++) {
        tie_a |= of[i][0] == 0;
        tie_b |= of[i][1] == 0;
        m->tied_a += of[i][0] == 0 && of[i][1] != 0;
        m->right_b += of[i][0] == 0 && of[i][1] == 1;
        m->tied_b += of[i][1] == 0 && of[i][0] != 0;
        m->right_a += of[i][1] == 0 && of[i][0] == 1;
    }
    m->to->left_out.both += tie_a && tie_b;
    m->to->left_out.tie_a += tie_a && !tie_b;
    m->to->left_out.tie_b += tie_b && !tie_a;
}

static void count_pair(struct eval *e, struct match *m, const int of[2][2], size_t count)
{
    double sum = 0, scored = 0, halved = 0;
    for (size_t i = 0; i < count; i++) {
        double a = eval_value(e, of[i][0]), b = eval_value(e, of[i][1]);
        halved += 0.5 * (of[i][1] - of[i][0]);
        if (isnan(a) || isnan(b))
            continue; /* --ties drop */
        sum += b - a;
        scored++;
        m->sum_a += a;
        m->sum_b += b;
    }
    m->scored += scored;
    m->to->verdicts += (size_t)scored;
    m->to->pairs += scored > 0;
    m->to->pairs_better += sum > 0;
    m->to->pairs_worse += sum < 0;
    add_pair(&m->scored_by, sum, scored);
    add_pair(&m->halved_by, halved, (double)count);
    if (e->ties == TIES_DROPPED)
        count_left_out(m, of, count);
}

/* One pair of one user. An input without it gives `nothing`. */
static void match_pair(struct eval *e, struct match *m, const struct judged *const files[2],
                       const struct sm_pair_predictions *a, const struct sm_pair_predictions *b,
                       const char *user)
{
    struct sm_pair_predictions orders_a = in_orders_of(a, b), orders_b = in_orders_of(b, a);
    size_t index = a == &nothing ? b->index : a->index, count = 0;
    int of[2][2];
    for (int k = 0; k < 2; k++) {
        int of_a = orders_a.prediction[k], of_b = orders_b.prediction[k];
        if (!is_matched(e, m, files, of_a, of_b, user, index, k == 1))
            continue;
        of[count][0] = of_a;
        of[count++][1] = of_b;
    }
    if (count > 0)
        count_pair(e, m, of, count);
}

static const struct span no_span;

static void match_user(struct eval *e, struct match *m, const struct judged *const files[2],
                       struct span a, struct span b, const char *user)
{
    const struct sm_pair_predictions *at_a = a.count ? files[0]->outcomes + a.from : &nothing;
    const struct sm_pair_predictions *at_b = b.count ? files[1]->outcomes + b.from : &nothing;
    struct comparison *to = m->to, before = *to;
    for (size_t i = 0, k = 0; i < a.count || k < b.count;) {
        bool take_a = i < a.count && (k == b.count || at_a[i].index <= at_b[k].index);
        bool take_b = k < b.count && (i == a.count || at_b[k].index <= at_a[i].index);
        match_pair(e, m, files, take_a ? &at_a[i] : &nothing, take_b ? &at_b[k] : &nothing, user);
        i += take_a;
        k += take_b;
    }
    to->better += m->scored_by.user_sum > 0;
    to->worse += m->scored_by.user_sum < 0;
    if (m->scored_by.user_count > 0)
        eval_each_add(to, user, to->pairs - before.pairs, to->pairs_better - before.pairs_better,
                      to->pairs_worse - before.pairs_worse,
                      m->scored_by.user_sum / m->scored_by.user_count);
    end_user(&m->scored_by);
    end_user(&m->halved_by);
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
    for (size_t i = 0; i < count; i++) {
        /* what is looked at after each user goes by the order in which they came */
        size_t number = e->set.sequential ? i : files[0]->order[i];
        const char *user = sm_string_set_text(files[0]->users, number);
        match_user(e, m, files, files[0]->spans[number], span_of(files[1], user), user);
    }
    for (size_t i = 0; i < count_b; i++) {
        size_t number = files[1]->order[i];
        const char *user = sm_string_set_text(files[1]->users, number);
        bool known;
        sm_string_set_find(files[0]->users, user, &known);
        if (!known)
            match_user(e, m, files, no_span, files[1]->spans[number], user);
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

/* By user; where there is one, or they all differ by the same, or --unit says so, by pair; and
 * where all pairs are the same, too, what others might yet be. */
static struct interval interval_of(const struct eval *e, const struct differences *d)
{
    struct sm_clustered users = sm_clustered(d->users.sums, d->users.counts, d->users.count);
    struct sm_clustered pairs = sm_clustered(d->pairs.sums, d->pairs.counts, d->pairs.count);
    struct sm_ci by_user = sm_ci_difference(&users), by_pair = sm_ci_difference(&pairs);
    if (!e->by_pair && !isnan(by_user.low))
        return eval_cr2(&users, by_user, "user");
    if (!isnan(by_pair.low))
        return eval_cr2(&pairs, by_pair, "pair");
    return eval_same(pairs.share, (double)pairs.clusters);
}

static void test_users(const struct eval *e, const struct clusters *users, struct comparison *c)
{
    struct sm_clustered clustered = sm_clustered(users->sums, users->counts, users->count);
    double *means = sm_alloc(users->count, sizeof *means);
    for (size_t i = 0; i < users->count; i++)
        means[i] = users->sums[i] / users->counts[i];
    c->mean = clustered.mean;
    c->mean_interval = eval_t(&clustered, sm_ci_mean_difference(&clustered), "user");
    c->cohens_d = sm_cohen_d(means, users->count);
    c->permutation_p = sm_permutation(means, users->count, e->set.seed);
    c->wilcoxon_p = sm_wilcoxon(means, users->count);
    free(means);
}

static void compute(const struct eval *e, const struct match *m)
{
    struct comparison *c = m->to;
    const struct clusters *halved = &m->halved_by.users;
    c->users = m->scored_by.users.count;
    c->made = c->users > 0;
    if (!c->made)
        return;
    c->accuracy_a = m->sum_a / m->scored;
    c->accuracy_b = m->sum_b / m->scored;
    c->difference = (m->sum_b - m->sum_a) / m->scored;
    c->interval = interval_of(e, &m->scored_by);
    test_users(e, &m->scored_by.users, c);
    eval_each_test(c);
    c->sign_p = c->users == 1 || e->by_pair ? sm_sign_test(c->pairs_better, c->pairs_worse) : NAN;
    c->holm_p = isnan(c->sign_p) ? c->permutation_p : c->sign_p;
    c->left_out.right_a = eval_share(m->right_a, m->tied_b);
    c->left_out.right_b = eval_share(m->right_b, m->tied_a);
    c->left_out.difference = sm_clustered(halved->sums, halved->counts, halved->count).share;
    c->left_out.interval = interval_of(e, &m->halved_by);
}

void eval_compare(struct eval *e, const struct judged *a, struct judged *b)
{
    const struct judged *files[2] = {a, b};
    struct match m = {.to = &b->against_first};
    match_all(e, &m, files);
    report_missing(e, a->name, m.to->missing_a);
    report_missing(e, b->name, m.to->missing_b);
    compute(e, &m);
    if (!m.to->made) {
        struct sm_err err = {0};
        sm_err_set(&err, SM_EXIT_INPUT, "compare judges of the same pairs",
                   "%s and %s have no pair in common", a->name, b->name);
        app_fail(e->app, &err);
    }
    release(&m.scored_by);
    release(&m.halved_by);
}

void eval_adjust(struct judged *judged, size_t count)
{
    double *p = sm_alloc(count, sizeof *p);
    for (size_t i = 0; i < count; i++)
        p[i] = judged[i].against_first.made ? judged[i].against_first.holm_p : NAN;
    sm_holm_adjust(p, count);
    for (size_t i = 0; i < count; i++)
        judged[i].against_first.holm_p = p[i];
    free(p);
}
