/* How often was the judge right? Accuracy of verdicts with its interval, by user and over all. */
#include "app.h"

#include "../lib/json.h"
#include "../lib/names.h"
#include "../lib/stats.h"
#include "../lib/table.h"
#include "../lib/verdict.h"

#include <math.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COST_DIGITS 1e9
#define FEW 50 /* with fewer verdicts the table says what that means */

struct settings {
    long seed;
    bool table;
};

struct eval {
    struct app *app;
    struct settings set;
    struct sm_names *users;   /* all that were seen */
    size_t user;              /* whose lines are being read, if `scorer` or `again` */
    struct sm_scorer *scorer; /* of that user */
    bool again;               /* the user came before: its lines are not counted */
    struct sm_tally all;
    size_t failed_users;
    double *accuracies; /* of the users that have one */
    size_t accuracy_count, accuracy_room;
    char *spender;         /* a user of whom nothing was counted yet, */
    struct sm_spent spent; /* and what its records took */
    size_t pending_users;
    struct sm_table *table; /* NULL: records */
};

static const struct sm_opt options[] = {
    {0, "table", NULL, SM_OPT_FLAG, offsetof(struct settings, table), 0, 0,
     "Write a table for people instead of records."},
    {0, "seed", "N", SM_OPT_INT, offsetof(struct settings, seed), 0, 9e15,
     "Seed of the resamples that the intervals are made of. Default: 0."},
    SM_OPT_END};

static const struct sm_column columns[] = {
    {"user", false}, {"pairs", true},  {"accuracy", true}, {"95% interval", true},
    {"ties", true},  {"failed", true}, {"first", true},
};
#define COLUMNS (sizeof columns / sizeof *columns)

/* The shortest decimal that reads back as the same number; null for NaN. */
static void write_number(struct sm_buf *out, double number)
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

static double share(size_t part, size_t whole)
{
    return whole ? (double)part / (double)whole : NAN;
}

static void write_ci(struct sm_buf *out, struct sm_ci ci)
{
    sm_buf_str(out, ",\"ci\":");
    if (isnan(ci.low)) {
        sm_buf_str(out, "null");
        return;
    }
    sm_buf_str(out, "{\"method\":\"basic\",\"level\":");
    write_number(out, SM_CI_LEVEL);
    sm_buf_str(out, ",\"low\":");
    write_number(out, ci.low);
    sm_buf_str(out, ",\"high\":");
    write_number(out, ci.high);
    sm_buf_char(out, '}');
}

/* Accuracy of the verdicts of both orders together. */
static void write_debiased(struct sm_buf *out, const struct sm_tally *t, long seed)
{
    sm_buf_str(out, ",\"debiased\":");
    if (t->debiased == 0) {
        sm_buf_str(out, "null");
        return;
    }
    sm_buf_str(out, "{\"accuracy\":");
    write_number(out, share(t->debiased_correct, t->debiased));
    sm_buf_printf(out, ",\"n\":%zu,\"correct\":%zu,\"ties\":%zu", t->debiased, t->debiased_correct,
                  t->debiased_ties);
    write_ci(out, sm_ci_basic_share(t->debiased_correct, t->debiased, seed));
    sm_buf_char(out, '}');
}

static void write_spent(struct sm_buf *out, const struct sm_spent *spent)
{
    const struct sm_usage *u = &spent->usage;
    sm_buf_printf(out, ",\"tokens\":{\"in\":%lld,\"out\":%lld,\"cached\":%lld,\"reasoning\":%lld}",
                  (long long)u->in, (long long)u->out, (long long)u->cached,
                  (long long)u->reasoning);
    sm_buf_str(out, ",\"cost\":");
    write_number(out, round(sm_spent_cost(spent) * COST_DIGITS) / COST_DIGITS);
}

/* The record's start, to be closed by the caller. */
static void write_result(struct sm_buf *out, const char *user, const struct sm_tally *t,
                         struct sm_ci ci, long seed)
{
    sm_record_open(out, SM_RESULT, user);
    sm_buf_str(out, ",\"accuracy\":");
    write_number(out, share(t->correct, t->n));
    sm_buf_printf(out,
                  ",\"n\":%zu,\"pairs\":%zu,\"correct\":%zu,\"ties\":%zu,\"failed\":%zu,"
                  "\"unparsed\":%zu,\"truncated\":%zu,\"refused\":%zu,\"unlabeled\":%zu",
                  t->n, t->pairs, t->correct, t->ties, t->failed, t->unparsed, t->truncated,
                  t->refused, t->unlabeled);
    sm_buf_str(out, ",\"first_share\":");
    write_number(out, share(t->first, t->decided));
    sm_buf_str(out, ",\"agreement\":");
    write_number(out, share(t->agreed, t->both));
    write_ci(out, ci);
    write_debiased(out, t, seed);
    write_spent(out, &t->spent);
}

static void add_percent(struct sm_buf *out, double number)
{
    if (isnan(number))
        sm_buf_char(out, '-');
    else
        sm_buf_printf(out, "%.1f%%", 100 * number);
}

static void add_row(struct sm_table *table, const char *user, const struct sm_tally *t,
                    struct sm_ci ci)
{
    struct sm_buf cells[COLUMNS] = {0};
    sm_buf_str(&cells[0], user);
    sm_buf_printf(&cells[1], "%zu", t->pairs);
    add_percent(&cells[2], share(t->correct, t->n));
    if (isnan(ci.low))
        sm_buf_char(&cells[3], '-');
    else
        sm_buf_printf(&cells[3], "[%.1f%%, %.1f%%]", 100 * ci.low, 100 * ci.high);
    sm_buf_printf(&cells[4], "%zu", t->ties);
    sm_buf_printf(&cells[5], "%zu", t->failed);
    add_percent(&cells[6], share(t->first, t->decided));
    const char *texts[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++)
        texts[i] = sm_buf_text(&cells[i]);
    sm_table_add(table, texts);
    for (size_t i = 0; i < COLUMNS; i++)
        sm_buf_release(&cells[i]);
}

static struct sm_ci interval(const struct eval *e, const struct sm_tally *t)
{
    return sm_ci_basic_share(t->correct, t->n, e->set.seed);
}

static void write_user(struct eval *e, const struct sm_tally *t)
{
    const char *user = sm_names_text(e->users, e->user);
    if (e->table) {
        add_row(e->table, user, t, interval(e, t));
        return;
    }
    struct sm_buf out = {0};
    write_result(&out, user, t, interval(e, t), e->set.seed);
    sm_buf_str(&out, "}\n");
    app_write(e->app, out.data, out.len);
    sm_buf_release(&out);
}

/* No more lines of the user at hand. */
static void end_user(struct eval *e)
{
    e->again = false;
    if (!e->scorer)
        return;
    const struct sm_tally *t = sm_scorer_tally(e->scorer);
    write_user(e, t);
    sm_tally_add(&e->all, t);
    e->failed_users += t->failed > 0;
    if (t->n) {
        e->accuracies =
            sm_grow(e->accuracies, e->accuracy_count, &e->accuracy_room, sizeof *e->accuracies);
        e->accuracies[e->accuracy_count++] = share(t->correct, t->n);
    }
    sm_scorer_close(e->scorer);
    e->scorer = NULL;
}

/* Makes `user` the one at hand. False if its lines are not to be counted. */
static bool turn_to(struct eval *e, const char *user)
{
    bool known;
    size_t number = sm_names_add(e->users, user, &known);
    if ((e->scorer || e->again) && number == e->user)
        return !e->again;
    end_user(e);
    e->user = number;
    e->again = known;
    if (!known) {
        e->scorer = sm_scorer_open();
        if (e->spender && strcmp(e->spender, user) == 0)
            sm_scorer_spent(e->scorer, &e->spent);
        return true;
    }
    struct sm_err err = {0};
    sm_err_set(&err, SM_EXIT_PARTIAL,
               "group the lines by user, for example with jq -cs 'sort_by(.user_id)[]'",
               "user %s came before; its verdicts from here on are not counted", user);
    app_bad_line(e->app, &err);
    return false;
}

static void taken(const struct eval *e, size_t index, bool reverse)
{
    struct sm_err err = {0};
    sm_err_set(&err, SM_EXIT_PARTIAL, "give the verdicts of one run of the judge at a time",
               "user %s has a verdict for pair %zu, order %s, already; this one is not counted",
               sm_names_text(e->users, e->user), index, reverse ? "reverse" : "forward");
    app_bad_line(e->app, &err);
}

static void take_verdict(struct eval *e, const struct sm_record *record)
{
    struct sm_err err = {0};
    struct sm_verdict verdict;
    if (!record->user) {
        sm_err_set(&err, SM_EXIT_PARTIAL, "see sm-records(5) for the fields of a record",
                   "a verdict with `user_id` null");
        app_bad_line(e->app, &err);
    } else if (!sm_verdict_from(record->value, &verdict, &err)) {
        app_bad_line(e->app, &err);
    } else if (turn_to(e, record->user) && !sm_scorer_verdict(e->scorer, &verdict)) {
        taken(e, verdict.index, verdict.reverse);
    }
}

static void take_error(struct eval *e, const struct sm_record *record)
{
    struct sm_err err = {0};
    size_t index;
    bool reverse;
    bool placed = sm_verdict_place(record->value, &index, &reverse, &err);
    if (err.message)
        app_bad_line(e->app, &err);
    else if (!turn_to(e, record->user))
        return;
    else if (!placed)
        sm_scorer_failed_user(e->scorer);
    else if (!sm_scorer_failed(e->scorer, index, reverse))
        taken(e, index, reverse);
}

/* What was learned cost something too; its records come before the verdicts. */
static void take_cost(struct eval *e, const struct sm_record *record)
{
    if (e->scorer && strcmp(sm_names_text(e->users, e->user), record->user) == 0) {
        struct sm_spent spent = {0};
        sm_spent_add(&spent, record->value);
        sm_scorer_spent(e->scorer, &spent);
        return;
    }
    if (!e->spender || strcmp(e->spender, record->user) != 0) {
        free(e->spender);
        e->spender = sm_strdup(record->user);
        e->spent = (struct sm_spent){0};
    }
    sm_spent_add(&e->spent, record->value);
}

static void read_all(struct eval *e)
{
    struct sm_record record;
    const char *line;
    size_t len;
    while (!e->app->output.broken && app_next(e->app, &record, &line, &len)) {
        if (record.type == SM_VERDICT)
            take_verdict(e, &record);
        else if (record.type == SM_ERROR && record.user)
            take_error(e, &record);
        if (record.user &&
            (record.type == SM_VERDICT || record.type == SM_TRACE || record.type == SM_PERSONA))
            take_cost(e, &record);
        e->pending_users += record.type == SM_PENDING && record.user;
        sm_record_release(&record);
    }
    end_user(e);
}

static void write_all(const struct eval *e)
{
    struct sm_buf out = {0};
    write_result(&out, NULL, &e->all, interval(e, &e->all), e->set.seed);
    sm_buf_printf(
        &out, ",\"users\":%zu,\"users_failed\":%zu,\"users_pending\":%zu,\"macro\":{\"accuracy\":",
        sm_names_count(e->users), e->failed_users, e->pending_users);
    write_number(&out, sm_mean(e->accuracies, e->accuracy_count));
    write_ci(&out, sm_ci_basic(e->accuracies, e->accuracy_count, e->set.seed));
    sm_buf_str(&out, "}}\n");
    app_write(e->app, out.data, out.len);
    sm_buf_release(&out);
}

/* What few verdicts mean, in a sentence below the table. */
static void write_caution(const struct eval *e, struct sm_ci ci, struct sm_buf *out)
{
    size_t n = e->all.n;
    if (n == 0 || n >= FEW)
        return;
    sm_buf_printf(out, "With %zu verdict%s", n, n == 1 ? "" : "s");
    if (ci.low < ci.high)
        sm_buf_str(out, " the interval is wide: ");
    else
        sm_buf_printf(out, " and none %s the interval cannot show how much is chance: ",
                      e->all.correct ? "wrong" : "correct");
    sm_buf_str(out, "hold out more pairs, or more users, before you compare judges.\n");
}

static unsigned short screen_width(void)
{
    struct winsize size = {0};
    return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static void write_table(const struct eval *e)
{
    struct sm_buf out = {0};
    struct sm_ci ci = interval(e, &e->all);
    add_row(e->table, "all", &e->all, ci);
    sm_table_write(e->table, screen_width(), &out);
    write_caution(e, ci, &out);
    app_write(e->app, out.data, out.len);
    sm_buf_release(&out);
}

/* A figure of nothing is no figure. */
static void check_verdicts(const struct eval *e)
{
    struct sm_err err = {0};
    if (e->pending_users > 0) {
        sm_err_set(
            &err, SM_EXIT_PENDING,
            "have them answered, sm-cache import the answers, and run the same commands again",
            "%zu users wait for answers, and are not counted", e->pending_users);
        app_fail(e->app, &err);
        return;
    }
    if (e->all.n + e->all.unlabeled > 0) {
        if (e->all.n == 0)
            app_note(e->app, "no verdict has a label, so there is no accuracy; pairs need `chosen` "
                             "and `rejected`");
        return;
    }
    if (e->app->status == SM_EXIT_INPUT)
        return; /* a file could not be read: that is why */
    if (e->all.failed)
        sm_err_set(&err, SM_EXIT_INPUT, "see the `error` records of the input",
                   "no verdicts in the input, only failures (%zu)", e->all.failed);
    else
        sm_err_set(&err, SM_EXIT_INPUT, "run sm-judge first", "no verdicts in the input");
    app_fail(e->app, &err);
}

static void evaluate(struct eval *e)
{
    e->users = sm_names_open();
    e->table = e->set.table ? sm_table_open(columns, COLUMNS) : NULL;
    read_all(e);
    bool any = sm_names_count(e->users) > 0;
    if (any && e->table)
        write_table(e);
    else if (any)
        write_all(e);
    e->app->users = sm_names_count(e->users);
    if (!e->table)
        app_run_record(e->app, NULL);
    check_verdicts(e);
    sm_table_close(e->table);
    sm_names_close(e->users);
    free(e->accuracies);
    free(e->spender);
}

int main(int argc, char **argv)
{
    static const struct sm_program program = {
        .name = "sm-eval",
        .summary = "score verdicts against what the users chose",
        .operands = "[FILE ...]",
        .about = "Reads the output of sm-judge and writes, for each user and over all, how often "
                 "the judge was right\nwith a 95% interval, how often it could not say, and how "
                 "much it leaned to the reply shown first:\n`result` records, or a table.",
    };
    struct app app;
    struct eval eval = {.app = &app};
    if (app_start(&app, &program, options, &eval.set, APP_PLAIN, argc, argv))
        evaluate(&eval);
    return app_end(&app);
}
