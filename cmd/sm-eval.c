/* How often was the judge right? Accuracy of verdicts with intervals, by user and over all, where
 * the judge leans, and how judges compare. */
#include "cmd/common/environment.h"
#include "cmd/common/labels.h"
#include "cmd/common/run_record.h"
#include "cmd/eval/compare.h"
#include "cmd/eval/csv.h"
#include "cmd/eval/eval.h"
#include "cmd/eval/figures.h"
#include "cmd/eval/read.h"
#include "cmd/eval/table.h"
#include "cmd/eval/users.h"

#include <math.h>
#include <stddef.h>

#define FIELD(name) offsetof(struct eval_options, name)
static const struct sm_opt options[] = {
    {0, "table", NULL, SM_OPT_FLAG, FIELD(table), 0, 0,
     "Write a table for people instead of records."},
    {0, "markdown", NULL, SM_OPT_FLAG, FIELD(markdown), 0, 0, "The same table, in Markdown."},
    {0, "latex", NULL, SM_OPT_FLAG, FIELD(latex), 0, 0,
     "The same table in LaTeX, for the package booktabs; what is said below it are comments."},
    {0, "csv", NULL, SM_OPT_FLAG, FIELD(csv), 0, 0,
     "Write comma-separated values instead of records, numbers as they are."},
    {0, "ci", "auto|basic|percentile|bca|wilson|exact|cluster|korn-graubard", SM_OPT_CHOICE,
     FIELD(ci), 0, 0,
     "The interval of accuracy: auto, by user (CR2), and of one user by pair (Wilson); a bootstrap of "
     "users (cluster) or the interval of Korn and Graubard; or, which count verdicts as "
     "independent, basic (as the Python library has it), percentile or bca bootstrap, Wilson's, or "
     "the exact one of Clopper and Pearson. Default: auto."},
    {0, "by-user", NULL, SM_OPT_FLAG, FIELD(by_user), 0, 0,
     "Say more of each user: in the table, the accuracy that borrows from the other users; of "
     "several files, for whom the judge is better beyond chance."},
    {0, "sequential", NULL, SM_OPT_FLAG, FIELD(sequential), 0, 0,
     "Of several files, add a p value that holds although one looks after every user, and stops "
     "when one likes."},
    {0, "label", "NAME=FILE", SM_OPT_TEXTS, FIELD(label), 0, 0,
     "Call the judge whose verdicts are in FILE by NAME. May be given several times."},
    {0, "ties", "0|half|drop", SM_OPT_CHOICE, FIELD(ties), 0, 0,
     "Count a tie as wrong, as half right, or leave it out. Default: 0."},
    {0, "seed", "N", SM_OPT_INT, FIELD(seed), 0, 9e15,
     "Seed of the resamples that the intervals are made of. Default: 0."},
    {0, "unit", "user|pair", SM_OPT_CHOICE, FIELD(unit), 0, 0,
     "What a comparison takes as independent: users, so that it holds for others like them, or "
     "pairs, so that it holds for these users alone. Default: user."},
    {0, "fail-under", "SHARE", SM_OPT_REAL, FIELD(fail_under), 0, 1,
     "Exit with status 7 if the accuracy over all, 0 to 1, is less (of the last file, if there are "
     "several)."},
    {0, "fail-if-worse", "FILE", SM_OPT_TEXT, FIELD(fail_if_worse), 0, 0,
     "Compare with the verdicts in FILE on the same pairs, and exit with status 7 if the accuracy "
     "is less beyond chance: the interval of the difference lies below 0. By user it needs six of "
     "them."},
    SM_OPT_END};

static void release_judged(struct judged *judged)
{
    if (judged->users)
        sm_string_set_close(judged->users);
    eval_release_users(judged);
    eval_users_release(judged);
    free(judged->against_first.each);
    free(judged->outcomes);
    free(judged->spans);
}

/* The lines, each behind `before`. */
static void add_lines(struct sm_buf *out, const char *text, const char *before)
{
    for (size_t len; *text; text += len) {
        len = strcspn(text, "\n") + 1;
        sm_buf_str(out, before);
        sm_buf_add(out, text, len);
    }
}

static void write_table(const struct eval *e)
{
    struct sm_buf out = {0};
    if (e->set.latex)
        sm_table_latex(e->table, &out);
    else if (e->set.markdown)
        sm_table_markdown(e->table, &out);
    else
        sm_table_write(e->table, env_screen_width(), e->app->color, &out);
    app_write_shown(e->app, sm_buf_text(&out), out.len);
    sm_buf_clear(&out);
    if (e->set.markdown && e->text.len)
        sm_buf_char(&out, '\n');
    add_lines(&out, sm_buf_text(&e->text), e->set.latex ? "% " : "");
    app_write(e->app, sm_buf_text(&out), out.len);
    sm_buf_release(&out);
}

/* Without verdicts there is no figure. */
static void check_verdicts(const struct eval *e, const struct judged *judged)
{
    struct sm_err err = {0};
    const char *input = e->several ? judged->name : "the input";
    if (judged->pending_users > 0) {
        sm_err_set(
            &err, SM_EXIT_PENDING,
            "have them answered, sm-cache import the answers, and run the same commands again",
            "%zu users wait for answers, and are not counted", judged->pending_users);
        app_fail(e->app, &err);
        return;
    }
    if (judged->all.n + judged->all.unlabeled > 0) {
        if (judged->all.n == 0)
            app_note(e->app, "no verdict has a label, so there is no accuracy; pairs need `chosen` "
                             "and `rejected`");
        return;
    }
    if (judged->unread)
        return; /* a file could not be read, which was reported */
    if (judged->all.failed)
        sm_err_set(&err, SM_EXIT_INPUT, "see the `error` records of the input",
                   "no verdicts in %s, only failures (%zu)", input, judged->all.failed);
    else
        sm_err_set(&err, SM_EXIT_INPUT, "run sm-judge first", "no verdicts in %s", input);
    app_fail(e->app, &err);
}

static void check_gates(const struct eval *e, const struct judged *judged, size_t count)
{
    struct sm_err err = {0};
    double accuracy = eval_mean(&judged[count - 1].figures.of[SM_OF_ACCURACY]);
    if (e->set.fail_under >= 0 && isnan(accuracy)) {
        sm_err_set(&err, SM_EXIT_GATE, NULL, "there is no accuracy to hold against --fail-under");
        app_fail(e->app, &err);
    } else if (e->set.fail_under >= 0 && accuracy < e->set.fail_under) {
        const struct interval *interval = &judged[count - 1].figures.of[SM_OF_ACCURACY].interval;
        sm_err_set(&err, SM_EXIT_GATE, NULL,
                   "accuracy %.4f is under %g; its 95%% interval by %s is %.4f to %.4f", accuracy,
                   e->set.fail_under, interval->unit, interval->ci.low, interval->ci.high);
        app_fail(e->app, &err);
    }
    if (e->set.fail_if_worse)
        eval_gate_worse(e, judged, count);
}

/* The inputs in their order, behind the one that they are compared with. */
static const char **list_inputs(const struct eval *e, size_t *count)
{
    const struct app *app = e->app;
    const char **names = sm_alloc(app->file_count + 2, sizeof *names);
    *count = 0;
    if (e->set.fail_if_worse)
        names[(*count)++] = e->set.fail_if_worse;
    for (size_t i = 0; i < app->file_count; i++)
        names[(*count)++] = app->files[i];
    if (app->file_count == 0)
        names[(*count)++] = "-";
    return names;
}

/* What the judges are called: by their files, or by labels, each of which must have a file. */
static bool name_judges(const struct eval *e, struct labels *labels, const char **files,
                        struct judged *judged, size_t count)
{
    struct sm_err err = {0};
    bool ok = labels_parse(labels, &e->set.label, &err);
    for (size_t i = 0; ok && i < count; i++) {
        const char *name = labels_name(labels, files[i]);
        judged[i].name = strcmp(name, "-") == 0 ? "stdin" : name;
    }
    ok = ok && labels_all_used(labels, &err);
    if (!ok)
        app_fail(e->app, &err);
    return ok;
}

static bool check_settings(struct eval *e)
{
    struct sm_err err = {0};
    for (e->method = SM_CI_AUTO; strcmp(sm_ci_name(e->method), e->set.ci) != 0;)
        e->method++;
    e->by_pair = e->set.unit[0] == 'p';
    e->ties = e->set.ties[0] == 'h' ? TIES_HALF : e->set.ties[0] == 'd' ? TIES_DROPPED : TIES_WRONG;
    if (e->ties == TIES_HALF && (e->method == SM_CI_WILSON || e->method == SM_CI_EXACT))
        sm_err_set(&err, SM_EXIT_USAGE, "take --ci auto, percentile, bca or cluster",
                   "--ci %s is an interval of right and wrong alone, and has no half", e->set.ci);
    else if (e->set.table + e->set.markdown + e->set.latex + e->set.csv > 1)
        sm_err_set(&err, SM_EXIT_USAGE, NULL,
                   "--table, --markdown, --latex and --csv exclude each other");
    else if (e->set.sequential && e->app->file_count + (e->set.fail_if_worse != NULL) < 2)
        sm_err_set(&err, SM_EXIT_USAGE, "give the verdicts of two judges on the same pairs",
                   "--sequential compares judges, and there is one input");
    if (!err.message)
        return true;
    app_fail(e->app, &err);
    return false;
}

static void read_inputs(struct eval *e, const char **files, struct judged *judged, size_t count)
{
    e->several = count > 1;
    if (e->set.csv)
        app_write(e->app, EVAL_CSV_HEAD, strlen(EVAL_CSV_HEAD));
    for (size_t i = 0; i < count; i++) {
        app_open_files(e->app, &e->reader, &files[i], 1);
        eval_read(e, &judged[i]);
        sm_reader_close(&e->reader);
        e->app->users += sm_string_set_count(judged[i].users);
    }
}

/* What concerns several, and how the whole is written. */
static void conclude(struct eval *e, struct judged *judged, size_t count)
{
    bool any = sm_string_set_count(judged[0].users) > 0;
    for (size_t i = 1; i < count; i++) {
        bool has = sm_string_set_count(judged[i].users) > 0;
        if (sm_string_set_count(judged[0].users) > 0 && has)
            eval_compare(e, &judged[0], &judged[i]);
        any |= has;
    }
    eval_adjust(judged, count);
    eval_write_comparisons(e, judged, count);
    if (eval_has_table(e) && e->several && any)
        eval_table_files(e, judged, count);
    if (e->table)
        write_table(e);
    if (!eval_has_table(e) && !e->set.csv)
        run_record_write(e->app, NULL);
    for (size_t i = 0; i < count; i++)
        check_verdicts(e, &judged[i]);
    check_gates(e, judged, count);
}

static void evaluate(struct eval *e)
{
    size_t count;
    const char **files = list_inputs(e, &count);
    struct judged *judged = sm_alloc(count, sizeof *judged);
    struct labels labels = {0};
    if (name_judges(e, &labels, files, judged, count)) {
        read_inputs(e, files, judged, count);
        conclude(e, judged, count);
    }
    for (size_t i = 0; i < count; i++)
        release_judged(&judged[i]);
    labels_release(&labels);
    free(e->set.label.at);
    free(judged);
    free(files);
    sm_table_close(e->table);
    sm_buf_release(&e->text);
}

int main(int argc, char **argv)
{
    static const struct sm_program program = {
        .name = "sm-eval",
        .of_users = true,
        .summary = "score verdicts against what the users chose",
        .operands = "[FILE ...]",
        .about =
            "Reads the output of sm-judge and writes, for each user and over all, how often the "
            "judge was right\n"
            "with a 95% interval, how often it could not say, and what it leans to: `result` "
            "records, or a table.\n"
            "Several files are several judges of the same pairs: each is compared with the first.",
    };
    struct app app;
    struct eval eval = {.app = &app,
                        .set = {.ci = "auto", .ties = "0", .unit = "user", .fail_under = -1}};
    const struct sm_opt_group groups[] = {{options, &eval.set}, {0}};
    if (app_start(&app, &program, groups, argc, argv) && check_settings(&eval))
        evaluate(&eval);
    return app_end(&app);
}
