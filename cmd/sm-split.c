/* Raw preference rows to pairs: grouped by user, divided into train, val and test. */
#include "cmd/common/app.h"

#include "lib/data/split.h"
#include "lib/io/user_spool.h"
#include "lib/json/json.h"

#include <math.h>
#include <stddef.h>

struct settings {
    struct sm_split_options split;
    bool sorted;
};

struct splitter {
    struct app *app;
    struct settings set;
    struct sm_split_counts counts;
    size_t users;
};

static const struct sm_opt options[] = {
    {0, "ratio", "F", SM_OPT_REAL, offsetof(struct settings, split.ratio), 0, 1,
     "The share of a user's pairs to learn from; the rest are for validation. Default: 0.7."},
    {0, "test", "N", SM_OPT_REAL, offsetof(struct settings, split.test), 0, 1e9,
     "Hold out each user's last N pairs for test, or with 0 < N < 1 that share of them. Default: "
     "0."},
    {0, "group", "FIELD", SM_OPT_TEXT, offsetof(struct settings, split.group), 0, 0,
     "Keep pairs with the same value of FIELD in one split, for example conversation_id."},
    {0, "shuffle", "SEED", SM_OPT_INT, offsetof(struct settings, split.shuffle), 0, 9e15,
     "Shuffle each user's pairs first. Default: the order of the input."},
    {0, "sorted", NULL, SM_OPT_FLAG, offsetof(struct settings, sorted), 0, 0,
     "The input is grouped by user already: handle it user by user, without a temporary file."},
    SM_OPT_END};

/* A user is complete: its lines go out. */
static bool write_user(void *arg, const char *user, struct sm_user_lines *lines)
{
    struct splitter *s = arg;
    struct sm_buf out = {0};
    struct sm_split_counts counts = {0};
    sm_split_user(&s->set.split, user, lines, &out, &counts);
    s->users++;
    s->counts.train += counts.train;
    s->counts.val += counts.val;
    s->counts.test += counts.test;
    if (counts.train == 0 || counts.val == 0)
        app_note(s->app,
                 "user %s: %zu train, %zu val and %zu test pairs: too few to learn from; 2 "
                 "that are not held out are needed",
                 user, counts.train, counts.val, counts.test);
    bool ok = app_write(s->app, sm_buf_text(&out), out.len);
    sm_buf_release(&out);
    return ok;
}

/* Lines of nobody, which pass at once. */
static bool pass(struct splitter *s, const char *line, size_t len)
{
    return app_write(s->app, line, len) && app_write(s->app, "\n", 1);
}

static void split_stream(struct splitter *s, struct sm_user_spool *grouper)
{
    struct sm_record record;
    struct sm_err err = {0};
    const char *line;
    size_t len;
    bool ok = true;
    while (ok && app_next(s->app, &record, &line, &len)) {
        if (!record.user) {
            ok = pass(s, line, len);
        } else if (!sm_user_spool_add(grouper, record.user, line, len, record.type == SM_PAIR,
                                      &err)) {
            ok = err.code != SM_EXIT_INPUT;
            if (ok)
                app_bad_line(s->app, &err);
        }
        sm_record_release(&record);
    }
    if (!err.message && ok)
        sm_user_spool_end(grouper, &err);
    if (err.message)
        app_fail(s->app, &err);
}

static void write_run(const struct splitter *s)
{
    struct sm_buf extra = {0};
    sm_buf_printf(&extra, ",\"users\":%zu,\"pairs\":%zu,\"train\":%zu,\"val\":%zu,\"test\":%zu",
                  s->users, s->counts.train + s->counts.val + s->counts.test, s->counts.train,
                  s->counts.val, s->counts.test);
    app_run_record(s->app, extra.data);
    sm_buf_release(&extra);
}

int main(int argc, char **argv)
{
    static const struct sm_program program = {
        .name = "sm-split",
        .summary = "make pairs of raw preference rows and divide them",
        .operands = "[FILE ...]",
        .about = "Reads rows with context, chosen and rejected, one JSON object a line, and writes "
                 "them as `pair`\nrecords grouped by user, each with its index, its split (train, "
                 "val or test) and the order in\nwhich its replies are shown in training (flip).",
    };
    struct app app;
    struct splitter splitter = {.app = &app, .set = {.split = SM_SPLIT_DEFAULTS}};
    if (!app_start(&app, &program, options, &splitter.set, APP_PLAIN, argc, argv))
        return app_end(&app);
    struct sm_err err = {0};
    double test = splitter.set.split.test;
    if (test > 1 && test != floor(test)) {
        sm_err_set(&err, SM_EXIT_USAGE, "give a whole number of pairs, or a share below 1",
                   "--test %g: not a number of pairs", test);
        app_fail(&app, &err);
        return app_end(&app);
    }
    const char *folder = splitter.set.sorted ? NULL : app_temp_folder();
    struct sm_user_spool *grouper = sm_user_spool_open(folder, write_user, &splitter, &err);
    if (grouper) {
        split_stream(&splitter, grouper);
        if (splitter.users == 0 && app.status == SM_EXIT_OK)
            app_note(&app, "no pairs in the input");
        write_run(&splitter);
        app.users = splitter.users;
    } else {
        app_fail(&app, &err);
    }
    sm_user_spool_close(grouper);
    return app_end(&app);
}
