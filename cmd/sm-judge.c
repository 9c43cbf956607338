/* The trained judge: which reply would the user prefer? */
#include "app.h"

#include "../lib/json.h"
#include "../lib/judge.h"
#include "../lib/trained.h"

#include <stddef.h>

struct settings {
    const char *model_file, *order;
    bool no_persona, no_demos;
};

struct judge {
    struct app *app;
    struct settings set;
    struct sm_asker asker;
    struct sm_trained *trained; /* NULL: what was learned is in the stream */
};

/* One question: a pair in one order. */
struct slot {
    struct job *job;
    const struct sm_pair *pair;
    bool reverse;
    struct sm_buf record; /* the verdict, or the error, as it will be written */
};

struct job {
    struct sm_user *user;
    struct slot *slots;
    size_t count, under_way;
    bool persona;
    size_t demos;      /* examples shown */
    size_t failed;     /* slots without a verdict */
    struct sm_err why; /* the first of them */
};

static const struct sm_opt options[] = {
    {'m', "trained", "FILE", SM_OPT_TEXT, offsetof(struct settings, model_file), 0, 0,
     "Take personas and examples from FILE, the output of sm-demosearch, instead of from the "
     "input."},
    {0, "order", "forward|reverse|both", SM_OPT_CHOICE, offsetof(struct settings, order), 0, 0,
     "Show the chosen (or first) reply first, second, or ask both ways. Default: both."},
    {0, "no-persona", NULL, SM_OPT_FLAG, offsetof(struct settings, no_persona), 0, 0,
     "Leave the persona out of the prompt."},
    {0, "no-demos", NULL, SM_OPT_FLAG, offsetof(struct settings, no_demos), 0, 0,
     "Leave the examples out of the prompt."},
    SM_OPT_END};

static enum sm_choice label_of(const struct slot *slot)
{
    return slot->reverse ? SM_SECOND : SM_FIRST;
}

static void write_place(const struct slot *slot, struct sm_buf *out)
{
    sm_buf_printf(out, ",\"index\":%zu,\"order\":\"%s\"", slot->pair->index,
                  slot->reverse ? "reverse" : "forward");
}

static void write_verdict(struct slot *slot, const struct sm_outcome *outcome)
{
    const struct job *job = slot->job;
    struct sm_buf *out = &slot->record;
    enum sm_choice choice = sm_outcome_choice(outcome);
    int prediction = choice == SM_TIE ? 0 : choice == label_of(slot) ? 1 : -1;
    sm_record_open(out, SM_VERDICT, job->user->id);
    sm_buf_str(out, ",\"stage\":\"judge\"");
    write_place(slot, out);
    sm_buf_printf(out, ",\"preference\":\"%s\",\"prediction\":%d", sm_choice_name(choice),
                  prediction);
    if (slot->pair->labeled)
        sm_buf_printf(out, ",\"label\":\"%s\",\"correct\":%s", sm_choice_name(label_of(slot)),
                      prediction == 1 ? "true" : "false");
    else
        sm_buf_str(out, ",\"label\":null,\"correct\":null");
    sm_buf_printf(out, ",\"status\":\"%s\",\"reasoning\":", sm_status_name(outcome->status));
    sm_json_cstring(out, sm_json_text(outcome->value, "reasoning", NULL));
    sm_buf_str(out, ",\"model\":");
    sm_json_cstring(out, outcome->model);
    sm_buf_printf(out, ",\"uses\":{\"persona\":%s,\"demos\":%zu}", job->persona ? "true" : "false",
                  job->demos);
    sm_asker_cost(&((const struct judge *)job->user->stage->self)->asker, out, &outcome->usage,
                  outcome->ms);
    sm_buf_str(out, "}\n");
}

static void write_error(struct slot *slot, const struct sm_err *err, unsigned tried)
{
    struct job *job = slot->job;
    struct sm_buf place = {0};
    write_place(slot, &place);
    sm_record_error(&slot->record, job->user->id, "judge", err, tried, place.data);
    sm_buf_release(&place);
    if (job->failed++ == 0)
        sm_err_set(&job->why, err->code, err->remedy, "%s", err->message);
}

/* A user of whom verdicts are missing is told once, with the first reason. */
static void say_failed(struct job *job)
{
    const struct judge *judge = job->user->stage->self;
    struct sm_err err = {0};
    int code = job->why.code == SM_EXIT_REPLAY ? SM_EXIT_REPLAY : SM_EXIT_PARTIAL;
    sm_err_set(&err, code, job->why.remedy, "user %s: %zu of %zu verdicts failed: %s",
               job->user->id, job->failed, job->count, job->why.message);
    app_fail(judge->app, &err);
    job->user->stage->failed_users++;
}

static void end_job(struct job *job)
{
    for (size_t i = 0; i < job->count; i++) {
        struct slot *slot = &job->slots[i];
        sm_buf_add(&job->user->out, sm_buf_text(&slot->record), slot->record.len);
        sm_buf_release(&slot->record);
    }
    if (job->failed && !job->user->stage->stopped)
        say_failed(job);
    sm_user_done(job->user);
    sm_err_clear(&job->why);
    free(job->slots);
    free(job);
}

static void take_outcome(void *arg, const struct sm_outcome *outcome)
{
    struct slot *slot = arg;
    struct job *job = slot->job;
    if (outcome->error)
        write_error(slot, outcome->error, outcome->tried);
    else
        write_verdict(slot, outcome);
    if (--job->under_way == 0)
        end_job(job);
}

static void ask(const struct judge *judge, struct slot *slot, const struct sm_buf *head)
{
    struct sm_buf messages = {0};
    struct sm_err err = {0};
    if (sm_judge_messages(judge->asker.prompts, head, slot->pair, !slot->reverse, &messages,
                          &err)) {
        slot->job->under_way++;
        sm_question_ask(&judge->asker, "judge", sm_buf_take(&messages), 0, take_outcome, slot);
    } else {
        write_error(slot, &err, 0);
    }
    sm_buf_release(&messages);
    sm_err_clear(&err);
}

static void add_slots(const struct judge *judge, struct job *job)
{
    struct sm_user *user = job->user;
    bool forward = judge->set.order[0] != 'r', reverse = judge->set.order[0] != 'f';
    job->slots = sm_alloc(2 * user->pair_count, sizeof *job->slots);
    for (size_t i = 0; i < user->pair_count; i++) {
        const struct sm_pair *pair = &user->pairs[i];
        if (!sm_pair_is_judged(pair))
            continue;
        if (forward)
            job->slots[job->count++] = (struct slot){.job = job, .pair = pair};
        if (reverse)
            job->slots[job->count++] = (struct slot){.job = job, .pair = pair, .reverse = true};
    }
}

static bool find_trained(const struct judge *judge, const struct sm_user *user, jv *persona,
                         jv *demos, struct sm_err *err)
{
    if (judge->trained)
        return sm_trained_find(judge->trained, user->id, persona, demos, err);
    *persona = jv_copy(user->persona);
    *demos = jv_copy(user->demos);
    return true;
}

static void begin(struct sm_user *user)
{
    const struct judge *judge = user->stage->self;
    struct job *job = sm_alloc(1, sizeof *job);
    struct sm_buf head = {0};
    struct sm_err err = {0};
    jv persona, demos;
    job->user = user;
    add_slots(judge, job);
    bool ok = find_trained(judge, user, &persona, &demos, &err);
    const char *text = judge->set.no_persona ? NULL : sm_json_text(persona, "persona", NULL);
    job->persona = text != NULL;
    ok = ok && sm_judge_head(judge->asker.prompts, text, judge->set.no_demos ? jv_invalid() : demos,
                             &head, &job->demos, &err);
    for (size_t i = 0; ok && i < job->count; i++)
        ask(judge, &job->slots[i], &head);
    if (ok && job->count == 0)
        app_note(judge->app,
                 "user %s has no test pairs to judge; hold some out with sm-split --test",
                 user->id);
    if (!ok) {
        sm_user_failed(user, &err, 0);
        free(job->slots);
        free(job);
    } else if (job->under_way == 0) {
        end_job(job);
    }
    jv_free(persona);
    jv_free(demos);
    sm_buf_release(&head);
    sm_err_clear(&err);
}

int main(int argc, char **argv)
{
    static const struct sm_program program = {
        .name = "sm-judge",
        .summary = "predict which of two replies a user prefers",
        .operands = "[FILE ...]",
        .about =
            "Reads pairs and what was learned of their users. Judges the pairs with split "
            "\"test\" or without\na split, by the user's last persona and examples, or by "
            "neither where there are none (the default\njudge), and appends a `verdict` record "
            "for each pair and order.",
    };
    struct app app;
    struct judge judge = {.app = &app, .set = {.order = "both"}};
    if (!app_start(&app, &program, options, &judge.set, APP_STAGE | APP_MODEL | APP_PROMPT, argc,
                   argv))
        return app_end(&app);
    struct sm_err err = {0};
    judge.asker = (struct sm_asker){app.llm, app.prompts, app.set.temperature, false};
    struct sm_stage stage = {.name = "judge", .begin = begin, .self = &judge};
    if (judge.set.model_file)
        judge.trained = sm_trained_open(judge.set.model_file, app.set.user, &err);
    if (err.message)
        app_fail(&app, &err);
    else
        app_run_stage(&app, &stage);
    sm_trained_close(judge.trained);
    return app_end(&app);
}
