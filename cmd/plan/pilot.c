#include "cmd/plan/pilot.h"

#include "lib/base/string_set.h"
#include "lib/eval/cost.h"
#include "lib/eval/scores.h"

#include <math.h>

/* A judged pair of the user of that number. */
struct judged {
    size_t user;
    struct sm_pair_predictions predictions;
};

/* One file while it is read, and what it holds. */
struct file {
    struct plan *plan;
    struct sm_reader reader;
    struct sm_string_set *users; /* of all files */
    const char *name;            /* the current user; NULL: none, or one who came before */
    struct sm_scorer *scorer;    /* of the current user */
    struct sm_string_set *seen;  /* users of this file */
    struct judged *pairs;
    size_t count, room;
    struct sm_cost learning, judging;
};

static void end_user(struct file *f)
{
    struct sm_pair_predictions *list = NULL;
    size_t room = 0, count = f->scorer ? sm_scorer_outcomes(f->scorer, &list, 0, &room) : 0;
    bool known;
    size_t user = count ? sm_string_set_add(f->users, f->name, &known) : 0;
    for (size_t i = 0; i < count; i++) {
        f->pairs = sm_grow(f->pairs, f->count, &f->room, sizeof *f->pairs);
        f->pairs[f->count++] = (struct judged){user, list[i]};
    }
    free(list);
    sm_scorer_close(f->scorer);
    f->scorer = NULL;
}

/* Makes the user of the line the current one. False if the user came before. */
static bool turn_to(struct file *f)
{
    struct sm_err err = {0};
    const char *user = f->reader.view.user;
    bool known;
    if (f->name && strcmp(f->name, user) == 0)
        return f->scorer != NULL;
    end_user(f);
    f->name = sm_string_set_text(f->seen, sm_string_set_add(f->seen, user, &known));
    if (!known) {
        f->scorer = sm_scorer_open();
        return true;
    }
    sm_err_set(&err, SM_EXIT_PARTIAL,
               "group the lines by user, for example with jq -cs 'sort_by(.user_id)[]'",
               "user %s came before; its verdicts from here on are not counted", user);
    sm_reader_bad(&f->reader, &err);
    return false;
}

static void count_verdict(struct file *f, const struct sm_verdict *verdict, struct sm_err *err)
{
    enum sm_counted counted = sm_scorer_verdict(f->scorer, verdict);
    if (counted == SM_TAKEN)
        sm_err_set(err, SM_EXIT_PARTIAL, "give the verdicts of one run of the judge at a time",
                   "user %s has a verdict for pair %zu, order %s, already; this one is not counted",
                   f->name, verdict->index, verdict->reverse ? "reverse" : "forward");
    else if (counted == SM_CONTRADICTS)
        sm_err_set(err, SM_EXIT_PARTIAL, "see sm-records(5) for the fields of a record",
                   "`debiased` contradicts the verdicts of the two orders");
}

static void take_verdict(struct file *f)
{
    struct sm_err err = {0};
    struct sm_verdict verdict;
    if (!f->reader.view.user)
        sm_err_set(&err, SM_EXIT_PARTIAL, "see sm-records(5) for the fields of a record",
                   "a verdict with `user_id` null");
    else if (sm_verdict_from(&f->reader.view, &verdict, &err) && turn_to(f))
        count_verdict(f, &verdict, &err);
    if (err.message)
        sm_reader_bad(&f->reader, &err);
}

static int by_user(const void *left, const void *right)
{
    const struct judged *a = left, *b = right;
    if (a->user != b->user)
        return a->user < b->user ? -1 : 1;
    return (a->predictions.index > b->predictions.index) -
           (a->predictions.index < b->predictions.index);
}

static void read_file(struct file *f, const char *name)
{
    const char *text;
    size_t len;
    f->seen = sm_string_set_open();
    app_open_files(f->plan->app, &f->reader, &name, 1);
    while (sm_reader_record(&f->reader, true, &text, &len) == SM_READ_LINE) {
        enum sm_type type = f->reader.view.type;
        if (type == SM_VERDICT)
            take_verdict(f);
        if (type == SM_VERDICT)
            sm_cost_add(&f->judging, &f->reader.view);
        else if (type == SM_TRACE || type == SM_PERSONA || type == SM_RUBRIC || type == SM_REVISION)
            sm_cost_add(&f->learning, &f->reader.view);
    }
    end_user(f);
    if (f->count)
        qsort(f->pairs, f->count, sizeof *f->pairs, by_user);
    if (f->count == 0 && !f->reader.failed) {
        struct sm_err err = {0};
        sm_err_set(&err, SM_EXIT_INPUT, "run sm-judge on pairs from which somebody has chosen",
                   "no verdicts with a label in %s", strcmp(name, "-") == 0 ? "the input" : name);
        app_fail(f->plan->app, &err);
    }
    sm_reader_close(&f->reader);
}

static double value_of(const struct plan *plan, int prediction)
{
    return prediction == 1 ? 1 : prediction == 0 && plan->set.ties[0] == 'h' ? 0.5 : 0;
}

/* What a judge said in that order. Beside one that was asked in both, one that looks at no order
 * said the same in either. */
static int said(const struct sm_pair_predictions *of, const struct sm_pair_predictions *beside,
                int order)
{
    bool there = of->prediction[order] != SM_NO_PREDICTION;
    return of->prediction[there || !of->orderless || beside->orderless ? order : !order];
}

/* How right a is on a pair, or, where there is a b, how much more right that is: the mean over the
 * orders that it is known in, NAN if there is none. */
static double difference_of(const struct plan *plan, const struct sm_pair_predictions *a,
                            const struct sm_pair_predictions *b)
{
    double sum = 0, count = 0;
    for (int k = 0; k < 2; k++) {
        int of_a = said(a, b ? b : a, k), of_b = b ? said(b, a, k) : of_a;
        if (of_a == SM_NO_PREDICTION || of_b == SM_NO_PREDICTION)
            continue;
        sum += b ? value_of(plan, of_b) - value_of(plan, of_a) : value_of(plan, of_a);
        count++;
    }
    return count > 0 ? sum / count : NAN;
}

static void add_pair(struct plan *plan, double *differences, size_t *users, size_t user,
                     double difference)
{
    struct pilot *pilot = &plan->pilot;
    if (isnan(difference))
        return;
    pilot->users += pilot->pairs == 0 || users[pilot->pairs - 1] != user;
    users[pilot->pairs] = user;
    differences[pilot->pairs++] = difference;
}

/* What one file holds, or two have in common. */
static void take_pairs(struct plan *plan, const struct file *files, size_t count)
{
    const struct file *a = &files[0], *b = &files[1];
    double *differences = sm_alloc(a->count, sizeof *differences);
    size_t *users = sm_alloc(a->count, sizeof *users);
    for (size_t i = 0, k = 0; i < a->count; i++) {
        const struct judged *at = &a->pairs[i];
        while (k < b->count && by_user(&b->pairs[k], at) < 0)
            k++;
        bool common = k < b->count && by_user(&b->pairs[k], at) == 0;
        if (common || count == 1)
            add_pair(plan, differences, users, at->user,
                     difference_of(plan, &at->predictions,
                                   count == 1 ? NULL : &b->pairs[k].predictions));
    }
    plan->pilot.spread = sm_spread_from(differences, users, plan->pilot.pairs);
    free(differences);
    free(users);
}

/* Both judges are to be paid for. What was learned costs nothing if nothing was. */
static void take_costs(struct pilot *pilot, const struct file *files, size_t count)
{
    pilot->cost_user = pilot->cost_pair = 0;
    for (size_t i = 0; i < count; i++) {
        const struct file *f = &files[i];
        size_t users = sm_string_set_count(f->seen);
        bool learned = f->learning.priced + f->learning.unpriced > 0;
        pilot->cost_user += learned ? sm_cost_dollars(&f->learning) / (double)users : 0;
        pilot->cost_pair += sm_cost_dollars(&f->judging) / (double)f->count;
    }
}

void plan_read_pilot(struct plan *plan, const char *const *names, size_t count)
{
    struct file files[2] = {{0}};
    struct sm_string_set *users = sm_string_set_open();
    for (size_t i = 0; i < count; i++) {
        files[i].plan = plan;
        files[i].users = users;
        read_file(&files[i], names[i]);
    }
    take_pairs(plan, files, count);
    take_costs(&plan->pilot, files, count);
    if (count == 2 && files[0].count && files[1].count && plan->pilot.pairs == 0) {
        struct sm_err err = {0};
        sm_err_set(&err, SM_EXIT_INPUT, "give verdicts of two judges on the same pairs",
                   "%s and %s have no pair in common", names[0], names[1]);
        app_fail(plan->app, &err);
    }
    for (size_t i = 0; i < count; i++) {
        sm_string_set_close(files[i].seen);
        free(files[i].pairs);
    }
    sm_string_set_close(users);
}
