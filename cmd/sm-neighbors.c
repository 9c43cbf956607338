/* Users whose judges predict one another's choices, and what a new user can start from. */
#include "cmd/common/environment.h"
#include "cmd/common/stage_main.h"
#include "cmd/neighbors/neighbors.h"

#include "lib/base/file.h"

#include <stddef.h>
#include <unistd.h>

#define FIELD(name) offsetof(struct neighbors_options, name)

static const struct sm_opt options[] = {
    {0, "cold", "FILE", SM_OPT_TEXT, FIELD(cold), 0, 0,
     "Give users with few choices the persona of one of the prototypes in FILE, an output of this program (see A cold start)."},
    {0, "pairs", "N", SM_OPT_INT, FIELD(pairs), 1, 1000,
     "Try a persona on N of a user's known choices. Default: 8."},
    {0, "candidates", "N", SM_OPT_INT, FIELD(candidates), 1, 1000,
     "Try on each user the personas of the N others whose words are most like the user's own. Default: 8."},
    {0, "best", "N", SM_OPT_INT, FIELD(best), 1, 1000,
     "Name the best N of them as neighbors; who cannot be among them is not asked on. Default: 3."},
    {0, "clusters", "N", SM_OPT_INT, FIELD(clusters), 1, 1000,
     "Make N clusters. Default: as many as fit best (see Clusters)."},
    {0, "own", "N", SM_OPT_INT, FIELD(own), 1, 1e9,
     "With --cold: leave users with N known choices alone, who have enough to learn from. Default: 8."},
    {0, "share-texts", NULL, SM_OPT_FLAG, FIELD(share_texts), 0, 0,
     "Show the judge of one user the examples of another one, too, which are texts of that user, and keep them in prototypes. Default: nothing but personas goes from one user to another."},
    SM_OPT_END};

/* All three passes run with the client, though one alone asks: so a signal is heard while input or
 * output is waited for. */

/* --- the first pass: the lines go to a temporary file, and the personas into the crowd --- */

struct intake {
    struct neighbors *self;
    struct sm_err err;
};

static void take_user(struct sm_user *user)
{
    struct intake *intake = user->stage->self;
    struct neighbors *self = intake->self;
    if (!jv_is_valid(user->persona))
        self->alone++;
    else if (!intake->err.message)
        crowd_add(&self->crowd, user, self->set.share_texts, &intake->err);
    sm_user_done(user);
}

static void pass_user(struct sm_user *user)
{
    (void)user;
}

static bool read_all(struct neighbors *self, const struct client *client, struct sm_output *held)
{
    struct intake intake = {.self = self};
    struct sm_stage stage = {
        .name = "neighbors", .begin = take_user, .halted = pass_user, .self = &intake};
    struct sm_reader reader;
    app_open_reader(self->app, &reader);
    bool ok = stage_run_over(self->app, client, &stage, &reader, held);
    self->crowd.waiting = stage.pending_users;
    if (ok && !intake.err.message && sm_output_drain(held, true, &intake.err) &&
        fflush(self->crowd.texts) != 0)
        sm_err_set(&intake.err, SM_EXIT_INPUT, "make room there, or set TMPDIR to another folder",
                   "cannot write a temporary file");
    if (intake.err.message) {
        app_fail(self->app, &intake.err);
        ok = false;
    }
    sm_err_clear(&intake.err);
    return ok;
}

/* --- the second pass asks, the third one writes --- */

/* What is wrong with a line has been told when it was first read. */
static void tell_nothing(void *arg, const char *name, size_t line, const struct sm_err *err)
{
    (void)arg, (void)name, (void)line, (void)err;
}

/* Reads again what is held: it is standard input from here on. */
static void read_again(const struct neighbors *self, struct sm_reader *reader)
{
    static const char *const names[] = {"-"};
    lseek(STDIN_FILENO, 0, SEEK_SET);
    sm_reader_open(reader, names, 1, self->app->set.user, tell_nothing, NULL);
}

static bool ask_all(struct neighbors *self, const struct client *client, struct sm_stage *asking,
                    struct sm_output *held)
{
    struct sm_reader reader;
    crowd_choose_others(&self->crowd, (size_t)self->set.candidates);
    asking->begin = cross_user;
    asking->halted = pass_user;
    asking->plan = cross_plan;
    read_again(self, &reader);
    bool only = asking->only;
    asking->only = true;
    bool ok = stage_run_over(self->app, client, asking, &reader, held);
    asking->only = only;
    return ok;
}

static bool write_all(struct neighbors *self, const struct client *client,
                      const struct sm_stage *asked)
{
    struct sm_stage stage = {
        .name = "neighbors", .begin = write_neighbors_of, .only = asked->only, .self = self};
    struct sm_reader reader;
    struct sm_buf out = {0};
    struct sm_err err = {0};
    if (asked->pending_users == 0)
        crowd_cluster(&self->crowd, (size_t)self->set.clusters);
    read_again(self, &reader);
    bool ok = stage_run_over(self->app, client, &stage, &reader, &self->app->output);
    if (ok && !write_prototypes(self, &out, &err)) {
        app_fail(self->app, &err);
        ok = false;
    }
    if (ok)
        ok = app_write(self->app, sm_buf_text(&out), out.len);
    sm_buf_release(&out);
    return ok;
}

static bool open_files(struct neighbors *self, FILE **lines)
{
    struct sm_err err = {0};
    *lines = sm_file_unnamed(env_temp_folder(), &err);
    self->crowd.texts = *lines ? sm_file_unnamed(env_temp_folder(), &err) : NULL;
    if (!self->crowd.texts)
        app_fail(self->app, &err);
    return self->crowd.texts != NULL;
}

static void find_neighbors(struct neighbors *self, const struct client *client,
                           struct sm_stage *stage)
{
    FILE *lines = NULL;
    bool ok = open_files(self, &lines);
    struct sm_output held = {.fd = lines ? fileno(lines) : -1};
    ok = ok && read_all(self, client, &held) && dup2(held.fd, STDIN_FILENO) >= 0 &&
         ask_all(self, client, stage, &held) && write_all(self, client, stage);
    if (self->alone)
        app_note(self->app,
                 "%zu users have no persona and get no neighbors; sm-fit writes one, and --cold "
                 "gives one to start from",
                 self->alone);
    stage_finish(self->app, client, stage, ok);
    sm_buf_release(&held.pending);
    if (lines)
        fclose(lines);
}

/* --- a cold start --- */

static void start_cold(struct neighbors *self, const struct client *client, struct sm_stage *stage)
{
    struct sm_err err = {0};
    if (!cold_open(self, &err)) {
        app_fail(self->app, &err);
        return;
    }
    stage->begin = cold_user;
    stage_main(self->app, client, stage);
    if (self->alone)
        app_note(
            self->app,
            "%zu users have a persona of their own, or choices enough to learn one: left alone",
            self->alone);
    if (self->unknown)
        app_note(self->app, "%zu users have no known choices to start from", self->unknown);
    if (self->unlike)
        app_note(self->app, "%zu users are more probably like no prototype: they get none",
                 self->unlike);
}

static void summarize(const struct sm_stage *stage, struct sm_buf *out)
{
    const struct neighbors *self = stage->self;
    if (self->set.cold)
        sm_buf_printf(out, ",\"started\":%zu,\"left_alone\":%zu,\"unknown\":%zu,\"unlike\":%zu",
                      self->started, self->alone, self->unknown, self->unlike);
    else
        sm_buf_printf(out, ",\"clusters\":%zu,\"without_persona\":%zu", self->crowd.cluster_count,
                      self->alone);
}

static bool check_options(struct neighbors *self)
{
    const struct neighbors_options *set = &self->set;
    struct sm_err err = {0};
    if (set->cold && set->clusters)
        sm_err_set(&err, SM_EXIT_USAGE, "leave it out: the prototypes are those of FILE",
                   "--clusters makes prototypes, and --cold takes them");
    if (err.message)
        app_fail(self->app, &err);
    return !set->cold || !set->clusters;
}

int main(int argc, char **argv)
{
    static const struct sm_program program = {
        .name = "sm-neighbors",
        .of_users = true,
        .summary = "find users of like taste, and a start for new ones",
        .operands = "[FILE ...]",
        .about =
            "Reads what sm-fit or sm-persona wrote. Tries on each user's known choices the personas "
            "of others,\nand appends a `neighbors` record: who predicts them best. Writes a "
            "`prototype` record for each\ncluster of users, from which a user with one or two "
            "choices can start (--cold).",
    };
    struct app app;
    struct client client = CLIENT_DEFAULTS;
    struct neighbors self = {.app = &app,
                             .set = {.pairs = 8, .candidates = 8, .best = 3, .own = 8},
                             .judging = JUDGING_DEFAULTS};
    struct sm_stage stage = {.name = "neighbors", .summarize = summarize, .self = &self};
    const struct sm_opt_group groups[] = {
        {options, &self.set},       {stage_opts, &stage},
        {client_opts, &client.set}, {store_opts, &client.set.store},
        {prompt_opts, &client.set}, {0}};
    if (app_start(&app, &program, groups, argc, argv) && check_options(&self) &&
        judging_open(&self.judging, &client, &app)) {
        if (self.set.cold)
            start_cold(&self, &client, &stage);
        else
            find_neighbors(&self, &client, &stage);
    }
    cold_close(&self);
    crowd_release(&self.crowd);
    judging_close(&self.judging);
    client_close(&client, &app);
    return app_end(&app);
}
