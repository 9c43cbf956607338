/* Raw preference rows to pairs: grouped by user, divided into train, val and test. */
#include "cmd/common/app.h"
#include "cmd/common/environment.h"
#include "cmd/common/run_record.h"
#include "cmd/split/rows.h"

#include "lib/data/split.h"
#include "lib/io/user_spool.h"
#include "lib/json/json.h"

#include <math.h>
#include <stddef.h>

struct split_options {
    struct sm_split_options split;
    bool sorted, text_only;
    long min_pairs;
};

struct splitter {
    struct app *app;
    struct split_options set;
    struct sm_split_counts counts;
    size_t users, few;   /* few: users left out by --min-pairs */
    size_t replaced;     /* lines with halves of surrogate pairs */
    size_t left_out;     /* left_out: parts of rows that are no text */
    struct sm_buf small; /* names of the first users who are too small to learn from */
    size_t small_count;
    struct sm_split_counts last_small;
};

static const struct sm_opt options[] = {
    {0, "ratio", "F", SM_OPT_REAL, offsetof(struct split_options, split.ratio), 0, 1,
     "The share of a user's pairs to learn from; the rest are for validation. Default: 0.7."},
    {0, "test", "N", SM_OPT_REAL, offsetof(struct split_options, split.test), 0, 1e9,
     "Hold out each user's last N pairs for test, or with 0 < N < 1 that share of them. Default: "
     "0."},
    {0, "group", "FIELD", SM_OPT_TEXT, offsetof(struct split_options, split.group), 0, 0,
     "Keep pairs with the same value of FIELD in one split, for example conversation_id."},
    {0, "shuffle", "SEED", SM_OPT_INT, offsetof(struct split_options, split.shuffle), 0, 9e15,
     "Shuffle each user's pairs first. Default: the order of the input."},
    {0, "sorted", NULL, SM_OPT_FLAG, offsetof(struct split_options, sorted), 0, 0,
     "The input is grouped by user already: handle it user by user, without a temporary file."},
    {0, "min-pairs", "N", SM_OPT_INT, offsetof(struct split_options, min_pairs), 1, 1e9,
     "Leave out users with fewer than N pairs, and count them. Default: none is left out."},
    {0, "text-only", NULL, SM_OPT_FLAG, offsetof(struct split_options, text_only), 0, 0,
     "Leave pictures, sounds and other parts that are no text out of the pairs that hold such, and "
     "count them. Default: these pairs are left out, each with a message."},
    SM_OPT_END};

#define SMALL_NAMED 3

static void count_small(struct splitter *s, const char *user, const struct sm_split_counts *counts)
{
    if (s->small_count++ < SMALL_NAMED)
        sm_buf_printf(&s->small, "%s%s", s->small_count > 1 ? ", " : "", user);
    s->last_small = *counts;
}

/* One line, however many they are. */
static void note_small(struct splitter *s)
{
    static const char needed[] = "2 that are not held out are needed";
    const struct sm_split_counts *counts = &s->last_small;
    struct sm_buf others = {0};
    if (s->small_count > SMALL_NAMED)
        sm_buf_printf(&others, " and %zu others", s->small_count - SMALL_NAMED);
    if (s->small_count == 1)
        app_note(s->app,
                 "user %s: %zu train, %zu val and %zu test pairs: too few to learn from; %s",
                 s->small.data, counts->train, counts->val, counts->test, needed);
    else if (s->small_count)
        app_note(s->app, "too few pairs to learn from: %zu of %zu users (%s%s); %s", s->small_count,
                 s->users, s->small.data, sm_buf_text(&others), needed);
    sm_buf_release(&others);
    sm_buf_release(&s->small);
}

/* Writes a user whose lines are complete. */
static bool write_user(void *arg, const char *user, struct sm_user_lines *lines)
{
    struct splitter *s = arg;
    struct sm_buf out = {0};
    struct sm_split_counts counts = {0};
    sm_split_user(&s->set.split, user, lines, &out, &counts);
    if ((long)(counts.train + counts.val + counts.test) < s->set.min_pairs) {
        s->few++;
        sm_buf_release(&out);
        return true;
    }
    s->users++;
    s->counts.train += counts.train;
    s->counts.val += counts.val;
    s->counts.test += counts.test;
    if (counts.train == 0 || counts.val == 0)
        count_small(s, user, &counts);
    bool ok = app_write(s->app, sm_buf_text(&out), out.len);
    sm_buf_release(&out);
    return ok;
}

/* Lines of nobody pass at once. */
static bool pass_line(struct splitter *s, const char *line, size_t len)
{
    return app_write(s->app, line, len) && app_write(s->app, "\n", 1);
}

static void split_stream(struct splitter *s, struct sm_user_spool *spool)
{
    struct sm_reader reader;
    struct sm_err err = {0};
    const char *line;
    size_t len;
    bool ok = true;
    struct split_rows rows = {.reader = &reader, .text_only = s->set.text_only};
    app_open_reader(s->app, &reader);
    while (ok && split_next(&rows, &line, &len) == SM_READ_LINE) {
        const struct sm_record_view *view = &reader.view;
        if (!view->user) {
            ok = pass_line(s, line, len);
        } else if (!sm_user_spool_add(spool, view->user, line, len, view->type == SM_PAIR, &err)) {
            ok = err.code != SM_EXIT_INPUT;
            if (ok)
                sm_reader_bad(&reader, &err);
        }
    }
    s->left_out = rows.left_out;
    s->replaced = rows.replaced;
    split_rows_release(&rows);
    sm_reader_close(&reader);
    /* for the stages behind it, which read one after the other */
    const struct sm_counts counts = {.users = (int64_t)sm_user_spool_users(spool)};
    sm_progress_publish(s->app->progress, &counts);
    if (!err.message && ok)
        sm_user_spool_end(spool, &err);
    if (err.message)
        app_fail(s->app, &err);
}

static void write_run(const struct splitter *s)
{
    struct sm_buf extra = {0};
    sm_buf_printf(
        &extra,
        ",\"users\":%zu,\"pairs\":%zu,\"train\":%zu,\"val\":%zu,\"test\":%zu,\"few\":%zu,\"left_out\":%zu,\"replaced\":%zu",
        s->users, s->counts.train + s->counts.val + s->counts.test, s->counts.train, s->counts.val,
        s->counts.test, s->few, s->left_out, s->replaced);
    run_record_write(s->app, extra.data);
    sm_buf_release(&extra);
}

static bool check_options(struct splitter *s)
{
    struct sm_err err = {0};
    double test = s->set.split.test;
    if (test <= 1 || test == floor(test))
        return true;
    sm_err_set(&err, SM_EXIT_USAGE, "give a whole number of pairs, or a share below 1",
               "--test %g: not a number of pairs", test);
    app_fail(s->app, &err);
    return false;
}

static void split_input(struct splitter *s)
{
    struct sm_err err = {0};
    const char *folder = s->set.sorted ? NULL : env_temp_folder();
    struct sm_user_spool *spool = sm_user_spool_open(folder, write_user, s, &err);
    if (!spool) {
        app_fail(s->app, &err);
        return;
    }
    split_stream(s, spool);
    note_small(s);
    if (s->few)
        app_note(s->app, "left out: %zu users with fewer than %ld pairs", s->few, s->set.min_pairs);
    if (s->replaced)
        app_note(s->app, "%zu lines with half a surrogate pair, which is U+FFFD now", s->replaced);
    if (s->left_out)
        app_note(s->app, "%zu parts that are no text left out", s->left_out);
    if (s->users == 0 && s->app->status == SM_EXIT_OK)
        app_note(s->app, "no pairs in the input");
    write_run(s);
    s->app->users = s->users;
    sm_user_spool_close(spool);
}

int main(int argc, char **argv)
{
    static const struct sm_program program = {
        .name = "sm-split",
        .of_users = true,
        .summary = "make pairs of raw preference rows and divide them",
        .operands = "[FILE ...]",
        .about = "Reads rows with context, chosen and rejected, one JSON object a line, and writes "
                 "them as `pair`\nrecords grouped by user, each with its index, its split (train, "
                 "val or test) and the order in\nwhich its replies are shown in training (flip).",
    };
    struct app app;
    struct splitter splitter = {.app = &app, .set = {.split = SM_SPLIT_DEFAULTS}};
    const struct sm_opt_group groups[] = {{options, &splitter.set}, {0}};
    if (app_start(&app, &program, groups, argc, argv) && check_options(&splitter))
        split_input(&splitter);
    return app_end(&app);
}
