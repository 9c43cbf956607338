/* What was learned, and the pairs, in the formats of other tools. */
#include "cmd/common/stage_main.h"
#include "cmd/export/export.h"
#include "cmd/export/select.h"
#include "cmd/export/targets.h"

#include "lib/base/texts.h"
#include "lib/json/jq_program.h"
#include "lib/json/json.h"
#include "lib/judge/rubric.h"

#include <stddef.h>

/* Of lines read ahead. There is nothing to wait for, and the output is many times as long as the
 * input, since every question repeats all examples. */
#define WINDOW_BYTES ((size_t)1 << 20)

#define FIELD(name) offsetof(struct export_options, name)

static const struct sm_opt options[] = {
    {'m', "trained", "FILE", SM_OPT_TEXT, FIELD(learned_file), 0, 0,
     "Take personas and examples from FILE, the output of sm-demosearch, instead of from the "
     "input."},
    {'s', "select", "ID", SM_OPT_TEXT, FIELD(select), 0, 0, "Only this user."},
    {0, "split", "LIST", SM_OPT_TEXT, FIELD(splits), 0, 0,
     "Export the pairs of these splits: train, val, test and none (without a split), with commas "
     "between. Default: train for trl, else test,none, those that sm-judge judges."},
    {0, "order", "forward|reverse|both", SM_OPT_CHOICE, FIELD(order), 0, 0,
     "Show the chosen (or first) reply first, second, or write a line for either. Default: both."},
    {0, "pairs", NULL, SM_OPT_FLAG, FIELD(pairs), 0, 0,
     "For chat: a line for each pair, with its question, instead of one for each user."},
    {0, "no-persona", NULL, SM_OPT_FLAG, FIELD(no_persona), 0, 0, "Leave the persona out."},
    {0, "no-demos", NULL, SM_OPT_FLAG, FIELD(no_demos), 0, 0, "Leave the examples out."},
    {0, "force", NULL, SM_OPT_FLAG, FIELD(force), 0, 0,
     "For program: replace files that are there with other contents."},
    SM_OPT_END};

static bool is_wanted(struct exporter *e, const struct sm_user *user)
{
    bool wanted = !e->set.select || strcmp(e->set.select, user->id) == 0;
    e->found |= wanted;
    return wanted && !e->broken;
}

/* What is exported judges by persona and examples; sm-judge would go by a rubric. */
static bool count_rubric(struct exporter *e, const struct sm_user *user, struct sm_err *err)
{
    jv record;
    struct sm_rubric rubric = {0};
    bool ok = sm_learned_rubric(e->learned, user, &record, err);
    if (ok && jv_is_valid(record))
        sm_rubric_from(record, &rubric);
    e->rubrics += rubric.count > 0 && !e->target->rewards;
    sm_rubric_release(&rubric);
    jv_free(record);
    return ok;
}

static void export_one(struct sm_user *user)
{
    struct exporter *e = user->stage->self;
    struct sm_err err = {0};
    jv persona, demos;
    sm_user_done(user);
    if (!is_wanted(e, user))
        return;
    bool ok =
        sm_learned_of(e->learned, user, &persona, &demos, &err) && count_rubric(e, user, &err);
    struct export_learned learned = {.demos = e->set.no_demos ? jv_invalid() : demos};
    if (!e->set.no_persona)
        learned.persona = sm_json_text(persona, "persona", &learned.persona_len);
    ok = ok && e->target->user(e, user, &learned, &user->out, &err);
    if (!ok) {
        sm_buf_clear(&user->out);
        sm_err_prefix(&err, "user %s", user->id);
        app_fail(e->app, &err);
    }
    jv_free(persona);
    jv_free(demos);
}

/* Nothing is exported for a user whom an earlier stage gave up, and somebody should know. */
static void report_halted(struct sm_user *user)
{
    struct exporter *e = user->stage->self;
    struct sm_err err = {0};
    if (!is_wanted(e, user))
        return;
    sm_err_set(&err, SM_EXIT_PARTIAL, "see the user's `error` or `pending` record",
               "user %s: an earlier stage failed, or waits", user->id);
    app_fail(e->app, &err);
}

static bool check_usage(const struct exporter *e, struct sm_err *err)
{
    if (e->target->folder && (!e->folder || strcmp(e->folder, "-") == 0))
        return sm_err_set(err, SM_EXIT_USAGE, "sm-export program DIR [FILE ...]",
                          "say into which folder");
    if (e->target->folder && e->set.no_persona)
        return sm_err_set(err, SM_EXIT_USAGE, "leave out --no-persona",
                          "a user that the Python library saved has a persona");
    if (e->target->client && e->client.set.batch)
        return sm_err_set(err, SM_EXIT_USAGE, "leave out --batch, or use sm-judge --batch",
                          "batch lines go to standard output");
    return true;
}

/* The built-in program of that name, with what they all share before it. */
static jq_state *compile_program(const char *name, struct sm_err *err)
{
    struct sm_buf text = {0};
    sm_buf_str(&text, sm_builtin_find(sm_export_texts, "common"));
    sm_buf_str(&text, sm_builtin_find(sm_export_texts, name));
    jq_state *jq = sm_jq_compile(text.data, NULL, err);
    sm_buf_release(&text);
    return jq;
}

static bool open_target(struct exporter *e, struct sm_err *err)
{
    struct app *app = e->app;
    if (e->set.learned_file)
        e->learned = sm_learned_open(e->set.learned_file, app->set.user, err);
    if (!err->message && e->target->folder)
        e->saver = saver_open(e->folder, e->set.force, err);
    if (!err->message && e->target->program)
        e->jq = compile_program(e->target->program, err);
    return !err->message && (!e->target->client || client_open(&e->client, app, err));
}

static bool prepare(struct exporter *e, struct sm_err *err)
{
    struct app *app = e->app;
    const char *name = app_operand(app);
    e->target = name ? export_target(name) : NULL;
    if (!e->target) {
        sm_err_set(err, SM_EXIT_USAGE, "see --help",
                   "say what to export: program, chat, batch, promptfoo, inspect, trl or reward");
        return false;
    }
    if (e->target->folder)
        e->folder = app_operand(app);
    if (!check_usage(e, err) || !export_read_splits(e, err) || !open_target(e, err))
        return false;
    e->asker =
        (struct sm_asker){e->client.llm, e->client.prompts, e->client.set.temperature, false, NULL};
    return true;
}

static void export_users(struct exporter *e)
{
    struct sm_stage stage = {.name = "export",
                             .begin = export_one,
                             .halted = report_halted,
                             .self = e,
                             .only = true,
                             .rewards = e->target->rewards,
                             .window_bytes = WINDOW_BYTES};
    struct sm_err err = {0};
    bool ok = stage_run(e->app, e->client.llm ? &e->client : NULL, &stage);
    if (e->saver && ok)
        app_note(e->app, "%zu users saved", e->saved);
    if (e->rubrics > 0)
        app_warn(
            e->app,
            "%zu user%s a rubric, which is not exported: what is written judges by persona and "
            "examples, as sm-judge --no-rubric does",
            e->rubrics, e->rubrics == 1 ? " has" : "s have");
    if (!ok || e->found || !e->set.select)
        return;
    sm_err_set(&err, SM_EXIT_PARTIAL, "see the `user_id` of the records", "no user %s in the input",
               e->set.select);
    app_fail(e->app, &err);
}

int main(int argc, char **argv)
{
    static const struct sm_program program = {
        .name = "sm-export",
        .of_users = true,
        .summary = "write what was learned, and pairs, in the formats of other tools",
        .operands = "program DIR | chat | batch | promptfoo | inspect | trl | reward [FILE ...]",
        .about = "Reads pairs and what was learned of their users, and writes: program, the files "
                 "of each user as\nthe Python library saves them, into DIR; chat, the judge as "
                 "chat messages; batch, its requests as\nlines of a batch; promptfoo and inspect, "
                 "test sets for these tools; trl, rows of preference data\nto train on; reward, "
                 "replies and what each is worth to its user.",
    };
    struct app app;
    struct exporter exporter = {.app = &app, .client = CLIENT_DEFAULTS, .set = {.order = "both"}};
    struct client *client = &exporter.client;
    client->only_writes = true;
    const struct sm_opt_group groups[] = {{options, &exporter.set},
                                          {client_opts, &client->set},
                                          {store_opts, &client->set.store},
                                          {prompt_opts, &client->set},
                                          {0}};
    struct sm_err err = {0};
    if (app_start(&app, &program, groups, argc, argv)) {
        if (client_open_prompts(client, &err) && prepare(&exporter, &err))
            export_users(&exporter);
        else
            app_fail(&app, &err);
    }
    sm_learned_close(exporter.learned);
    saver_close(exporter.saver);
    if (exporter.jq)
        jq_teardown(&exporter.jq);
    client_close(client, &app);
    return app_end(&app);
}
