/* The trained judge: which reply would the user prefer? */
#include "app.h"

#include "../lib/ballot.h"
#include "../lib/json.h"
#include "../lib/trained.h"

#include <stddef.h>

#define VOTE_TEMPERATURE 0.7

struct settings {
    const char *model_file, *order;
    bool no_persona, no_demos, logprobs;
    long votes;
};

struct judge {
    struct app *app;
    struct settings set;
    struct sm_asker asker;
    struct sm_trained *trained; /* NULL: what was learned is in the stream */
};

/* A pair in one order, and what became of it. */
struct slot {
    struct job *job;
    const struct sm_pair *pair;
    bool reverse;
    size_t under_way; /* votes asked and not answered */
    struct sm_ballot ballot;
    bool pending, failed;
    struct sm_err why;
    unsigned tried;
};

struct job {
    struct sm_user *user;
    struct slot *slots;
    size_t count, under_way; /* slots */
    bool persona;
    size_t demos;      /* examples shown */
    size_t failed;     /* slots without a verdict */
    size_t pending;    /* slots that wait for a batch */
    struct sm_err why; /* of the first that failed */
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
    {0, "votes", "N", SM_OPT_INT, offsetof(struct settings, votes), 1, 1000,
     "Ask N times, with temperature 0.7 unless --temperature says otherwise, and go by the share "
     "of "
     "votes. Default: 1."},
    {0, "logprobs", NULL, SM_OPT_FLAG, offsetof(struct settings, logprobs), 0, 0,
     "Ask for the probabilities of the reply's tokens, and go by them where the endpoint gives "
     "them. "
     "Recorded answers become about ten times as large."},
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

static void write_outcome(struct sm_buf *out, const struct slot *slot, int prediction)
{
    sm_buf_printf(out, ",\"prediction\":%d", prediction);
    if (slot->pair->labeled)
        sm_buf_printf(out, ",\"label\":\"%s\",\"correct\":%s", sm_choice_name(label_of(slot)),
                      prediction == 1 ? "true" : "false");
    else
        sm_buf_str(out, ",\"label\":null,\"correct\":null");
}

/* Both orders of a pair together, by the mean of their probabilities: what a judge says of a place,
 * whatever stands there, cancels out. */
static void write_debiased(struct sm_buf *out, const struct slot *forward,
                           const struct slot *reverse)
{
    double p = (sm_ballot_first(&forward->ballot) + 1 - sm_ballot_first(&reverse->ballot)) / 2;
    int prediction = p > 0.5 ? 1 : p < 0.5 ? -1 : 0;
    sm_buf_printf(out, ",\"debiased\":{\"p_chosen\":%.6g,\"prediction\":%d,\"correct\":", p,
                  prediction);
    if (reverse->pair->labeled)
        sm_buf_str(out, prediction == 1 ? "true" : "false");
    else
        sm_buf_str(out, "null");
    sm_buf_char(out, '}');
}

static void write_verdict(const struct slot *slot, const struct slot *other)
{
    const struct job *job = slot->job;
    const struct judge *judge = job->user->stage->self;
    struct sm_buf *out = &job->user->out;
    const struct sm_ballot *ballot = &slot->ballot;
    enum sm_choice choice = sm_ballot_choice(ballot);
    sm_record_open(out, SM_VERDICT, job->user->id);
    sm_buf_str(out, ",\"stage\":\"judge\"");
    write_place(slot, out);
    sm_buf_printf(out, ",\"preference\":\"%s\"", sm_choice_name(choice));
    write_outcome(out, slot, choice == SM_TIE ? 0 : choice == label_of(slot) ? 1 : -1);
    sm_buf_printf(out, ",\"status\":\"%s\",\"reasoning\":", sm_status_name(ballot->status));
    sm_json_cstring(out, sm_ballot_reasoning(ballot));
    if (ballot->soft || judge->set.votes > 1)
        sm_buf_printf(out, ",\"p_first\":%.6g", sm_ballot_first(ballot));
    if (judge->set.votes > 1)
        sm_buf_printf(out, ",\"votes\":{\"first\":%zu,\"second\":%zu,\"tie\":%zu}",
                      ballot->votes[SM_FIRST], ballot->votes[SM_SECOND], ballot->votes[SM_TIE]);
    if (other)
        write_debiased(out, other, slot);
    sm_buf_str(out, ",\"model\":");
    sm_json_cstring(out, ballot->model);
    sm_buf_printf(out, ",\"uses\":{\"persona\":%s,\"demos\":%zu}", job->persona ? "true" : "false",
                  job->demos);
    sm_asker_cost(&judge->asker, out, &ballot->usage, ballot->ms);
    sm_buf_str(out, "}\n");
}

static void write_error(const struct slot *slot)
{
    const struct job *job = slot->job;
    struct sm_buf place = {0};
    write_place(slot, &place);
    sm_record_error(&job->user->out, job->user->id, "judge", &slot->why, slot->tried, place.data);
    sm_buf_release(&place);
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

/* The same pair's verdict in forward order, if it is there. */
static const struct slot *forward_of(const struct job *job, size_t i)
{
    const struct slot *before = i > 0 ? &job->slots[i - 1] : NULL;
    bool twin = before && before->pair == job->slots[i].pair;
    return twin && !before->failed && !before->pending ? before : NULL;
}

static void free_job(struct job *job)
{
    for (size_t i = 0; i < job->count; i++) {
        sm_err_clear(&job->slots[i].why);
        sm_ballot_release(&job->slots[i].ballot);
    }
    sm_err_clear(&job->why);
    free(job->slots);
    free(job);
}

static void end_job(struct job *job)
{
    for (size_t i = 0; i < job->count; i++) {
        const struct slot *slot = &job->slots[i];
        if (slot->failed)
            write_error(slot);
        else if (!slot->pending)
            write_verdict(slot, forward_of(job, i));
    }
    if (job->failed && !job->user->stage->stopped)
        say_failed(job);
    if (job->pending)
        sm_user_pending(job->user, job->pending);
    else
        sm_user_done(job->user);
    free_job(job);
}

static void end_slot(struct slot *slot)
{
    struct job *job = slot->job;
    job->pending += slot->pending && !slot->failed;
    if (slot->failed && job->failed++ == 0)
        sm_err_set(&job->why, slot->why.code, slot->why.remedy, "%s", slot->why.message);
    if (--job->under_way == 0)
        end_job(job);
}

static void fail_slot(struct slot *slot, const struct sm_err *err, unsigned tried)
{
    if (!slot->failed)
        sm_err_set(&slot->why, err->code, err->remedy, "%s", err->message);
    slot->failed = true;
    slot->tried = tried;
}

static void take_outcome(void *arg, const struct sm_outcome *outcome)
{
    struct slot *slot = arg;
    if (!outcome->error)
        sm_ballot_add(&slot->ballot, outcome);
    else if (outcome->error->code == SM_EXIT_PENDING)
        slot->pending = true;
    else
        fail_slot(slot, outcome->error, outcome->tried);
    if (--slot->under_way == 0)
        end_slot(slot);
}

static void ask(const struct judge *judge, struct slot *slot, const struct sm_buf *head)
{
    struct sm_buf messages = {0};
    struct sm_err err = {0};
    bool ok =
        sm_judge_messages(judge->asker.prompts, head, slot->pair, !slot->reverse, &messages, &err);
    slot->job->under_way++;
    for (int i = 0; ok && i < judge->set.votes; i++) {
        slot->under_way++;
        sm_question_ask(&judge->asker, "judge", sm_strdup(messages.data), i, take_outcome, slot);
    }
    if (!ok) {
        fail_slot(slot, &err, 0);
        end_slot(slot);
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

/* `job` may be gone afterwards. */
static void ask_all(const struct judge *judge, struct job *job, const struct sm_buf *head)
{
    size_t count = job->count;
    job->under_way++; /* so that it does not end before all is asked */
    for (size_t i = 0; i < count; i++)
        ask(judge, &job->slots[i], head);
    if (--job->under_way == 0)
        end_job(job);
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
    bool ok = sm_trained_of(judge->trained, user, &persona, &demos, &err);
    const char *text = judge->set.no_persona ? NULL : sm_json_text(persona, "persona", NULL);
    job->persona = text != NULL;
    ok = ok && sm_judge_head(judge->asker.prompts, text, judge->set.no_demos ? jv_invalid() : demos,
                             &head, &job->demos, &err);
    if (ok && job->count == 0)
        app_note(judge->app,
                 "user %s has no test pairs to judge; hold some out with sm-split --test",
                 user->id);
    if (!ok) {
        sm_user_failed(user, &err, 0);
        free_job(job);
    } else {
        ask_all(judge, job, &head);
    }
    jv_free(persona);
    jv_free(demos);
    sm_buf_release(&head);
    sm_err_clear(&err);
}

/* Each order of each pair, at most with a persona and reasons as long as replies may be and all
 * train pairs as examples. */
static void plan(struct sm_user *user, struct sm_plan *sum)
{
    const struct judge *judge = user->stage->self;
    long max_tokens = sm_llm_config(judge->asker.llm)->max_tokens;
    struct job job = {.user = user};
    struct sm_buf head = {0}, messages = {0};
    size_t shown;
    int64_t learned = judge->set.no_persona ? 0 : 2 * max_tokens, bytes = 0;
    bool ok = sm_judge_head(judge->asker.prompts, NULL, jv_invalid(), &head, &shown, NULL);
    add_slots(judge, &job);
    for (size_t i = 0; ok && i < user->pair_count; i++) {
        sm_buf_clear(&messages);
        ok = sm_judge_messages(judge->asker.prompts, &head, &user->pairs[i], true, &messages, NULL);
        if (sm_pair_is_judged(&user->pairs[i]))
            bytes += (int64_t)messages.len * (judge->set.order[0] == 'b' ? 2 : 1);
        else if (!judge->set.no_demos)
            learned += (int64_t)messages.len + 2 * max_tokens;
    }
    int64_t calls = (int64_t)job.count * judge->set.votes;
    sm_plan_add(&sum->least, false, calls, bytes * judge->set.votes, max_tokens);
    sm_plan_add(&sum->most, true, calls, bytes * judge->set.votes + calls * learned, max_tokens);
    sm_buf_release(&head);
    sm_buf_release(&messages);
    free(job.slots);
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
    struct judge judge = {.app = &app, .set = {.order = "both", .votes = 1}};
    if (!app_start(&app, &program, options, &judge.set, APP_STAGE | APP_MODEL | APP_PROMPT, argc,
                   argv))
        return app_end(&app);
    struct sm_err err = {0};
    if (judge.set.votes > 1 && app.default_temperature)
        app.set.temperature = VOTE_TEMPERATURE;
    judge.asker = (struct sm_asker){app.llm, app.prompts, app.set.temperature, judge.set.logprobs};
    struct sm_stage stage = {.name = "judge", .begin = begin, .plan = plan, .self = &judge};
    if (judge.set.model_file)
        judge.trained = sm_trained_open(judge.set.model_file, app.set.user, &err);
    if (err.message)
        app_fail(&app, &err);
    else
        app_run_stage(&app, &stage);
    sm_trained_close(judge.trained);
    return app_end(&app);
}
