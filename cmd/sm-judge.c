/* The trained judge: which reply would the user prefer? */
#include "cmd/common/judging.h"

#include "lib/json/json.h"

#include <stddef.h>

struct settings {
    const char *order;
};

struct program {
    struct settings set;
    struct judging judging;
};

/* A pair in one order. */
struct slot {
    struct job *job;
    const struct sm_pair *pair;
    bool reverse;
    struct verdict verdict;
};

struct job {
    struct sm_user *user;
    struct judge judge;
    struct slot *slots;
    size_t count, under_way; /* slots */
    size_t failed;           /* slots without a verdict */
    size_t pending;          /* slots that wait for a batch */
    struct sm_err why;       /* of the first that failed */
};

static const struct sm_opt options[] = {
    {0, "order", "forward|reverse|both", SM_OPT_CHOICE, offsetof(struct settings, order), 0, 0,
     "Show the chosen (or first) reply first, second, or ask both ways. Default: both."},
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
    double p =
        (sm_votes_first(&forward->verdict.ballot) + 1 - sm_votes_first(&reverse->verdict.ballot)) /
        2;
    int prediction = p > 0.5 ? 1 : p < 0.5 ? -1 : 0;
    sm_buf_printf(out, ",\"debiased\":{\"p_chosen\":%.6g,\"prediction\":%d,\"correct\":", p,
                  prediction);
    if (reverse->pair->labeled)
        sm_buf_str(out, prediction == 1 ? "true" : "false");
    else
        sm_buf_str(out, "null");
    sm_buf_char(out, '}');
}

static const struct judging *judging_of(const struct job *job)
{
    const struct program *program = job->user->stage->self;
    return &program->judging;
}

static void write_verdict(const struct slot *slot, const struct slot *other)
{
    const struct job *job = slot->job;
    const struct judging *judging = judging_of(job);
    long votes = judging->app->set.judge.votes;
    struct sm_buf *out = &job->user->out;
    const struct sm_votes *ballot = &slot->verdict.ballot;
    enum sm_choice choice = sm_votes_choice(ballot);
    sm_record_open(out, SM_VERDICT, job->user->id);
    sm_buf_str(out, ",\"stage\":\"judge\"");
    write_place(slot, out);
    sm_buf_printf(out, ",\"preference\":\"%s\"", sm_choice_name(choice));
    write_outcome(out, slot, choice == SM_TIE ? 0 : choice == label_of(slot) ? 1 : -1);
    sm_buf_printf(out, ",\"status\":\"%s\",\"reasoning\":", sm_status_name(ballot->status));
    sm_json_cstring(out, sm_votes_reasoning(ballot));
    if (ballot->has_probability || votes > 1)
        sm_buf_printf(out, ",\"p_first\":%.6g", sm_votes_first(ballot));
    if (votes > 1)
        sm_buf_printf(out, ",\"votes\":{\"first\":%zu,\"second\":%zu,\"tie\":%zu}",
                      ballot->by_choice[SM_FIRST], ballot->by_choice[SM_SECOND],
                      ballot->by_choice[SM_TIE]);
    if (other)
        write_debiased(out, other, slot);
    sm_buf_str(out, ",\"model\":");
    sm_json_cstring(out, ballot->model);
    judge_write_uses(&job->judge, out);
    sm_asker_cost(&judging->asker, out, &ballot->usage, ballot->ms);
    sm_buf_str(out, "}\n");
}

static void write_error(const struct slot *slot)
{
    const struct job *job = slot->job;
    struct sm_buf place = {0};
    write_place(slot, &place);
    sm_record_error(&job->user->out, job->user->id, "judge", &slot->verdict.why,
                    slot->verdict.tried, place.data);
    sm_buf_release(&place);
}

/* A user of whom verdicts are missing is told once, with the first reason. */
static void say_failed(struct job *job)
{
    struct sm_err err = {0};
    int code = job->why.code == SM_EXIT_REPLAY ? SM_EXIT_REPLAY : SM_EXIT_PARTIAL;
    sm_err_set(&err, code, job->why.remedy, "user %s: %zu of %zu verdicts failed: %s",
               job->user->id, job->failed, job->count, job->why.message);
    app_fail(judging_of(job)->app, &err);
    job->user->stage->failed_users++;
}

/* The same pair's verdict in forward order, if it is there. */
static const struct slot *forward_of(const struct job *job, size_t i)
{
    const struct slot *before = i > 0 ? &job->slots[i - 1] : NULL;
    bool twin = before && before->pair == job->slots[i].pair;
    return twin && !before->verdict.failed && !before->verdict.pending ? before : NULL;
}

static void free_job(struct job *job)
{
    for (size_t i = 0; i < job->count; i++)
        verdict_release(&job->slots[i].verdict);
    judge_release(&job->judge);
    sm_err_clear(&job->why);
    free(job->slots);
    free(job);
}

static void end_job(struct job *job)
{
    for (size_t i = 0; i < job->count; i++) {
        const struct slot *slot = &job->slots[i];
        if (slot->verdict.failed)
            write_error(slot);
        else if (!slot->verdict.pending)
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

static void end_slot(void *arg)
{
    const struct slot *slot = arg;
    struct job *job = slot->job;
    const struct verdict *verdict = &slot->verdict;
    job->pending += verdict->pending && !verdict->failed;
    if (verdict->failed && job->failed++ == 0)
        sm_err_set(&job->why, verdict->why.code, verdict->why.remedy, "%s", verdict->why.message);
    if (--job->under_way == 0)
        end_job(job);
}

static void ask(struct slot *slot)
{
    slot->verdict.done = end_slot;
    slot->verdict.arg = slot;
    slot->job->under_way++;
    if (!judging_ask(judging_of(slot->job), &slot->job->judge, slot->pair, !slot->reverse,
                     &slot->verdict))
        end_slot(slot);
}

static void add_slots(struct job *job)
{
    const struct sm_user *user = job->user;
    const struct program *program = user->stage->self;
    bool forward = program->set.order[0] != 'r', reverse = program->set.order[0] != 'f';
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
static void ask_all(struct job *job)
{
    size_t count = job->count;
    job->under_way++; /* so that it does not end before all is asked */
    for (size_t i = 0; i < count; i++)
        ask(&job->slots[i]);
    if (--job->under_way == 0)
        end_job(job);
}

static void begin(struct sm_user *user)
{
    struct job *job = sm_alloc(1, sizeof *job);
    struct sm_err err = {0};
    job->user = user;
    add_slots(job);
    bool ok = judge_init(&job->judge, judging_of(job), user, &err);
    if (ok && job->count == 0)
        app_note(judging_of(job)->app,
                 "user %s has no test pairs to judge; hold some out with sm-split --test",
                 user->id);
    if (!ok) {
        sm_user_failed(user, &err, 0);
        free_job(job);
    } else {
        ask_all(job);
    }
    sm_err_clear(&err);
}

/* Each order of each pair. */
static void plan(struct sm_user *user, struct sm_plan *sum)
{
    const struct program *program = user->stage->self;
    const struct judging *judging = &program->judging;
    struct sm_prompts *prompts = judging->asker.prompts;
    long votes = judging->app->set.judge.votes;
    long max_tokens = sm_llm_config(judging->asker.llm)->max_tokens;
    struct job job = {.user = user};
    struct sm_buf head = {0}, messages = {0};
    size_t shown;
    int64_t learned = 0, bytes = 0;
    bool ok = sm_judge_head(prompts, NULL, jv_invalid(), &head, &shown, NULL) &&
              judging_learned_most(judging, user, &learned);
    add_slots(&job);
    for (size_t i = 0; ok && i < job.count; i++) {
        sm_buf_clear(&messages);
        ok = sm_judge_messages(prompts, &head, job.slots[i].pair, true, &messages, NULL);
        bytes += (int64_t)messages.len;
    }
    int64_t calls = (int64_t)job.count * votes;
    sm_plan_add(&sum->least, false, calls, bytes * votes, max_tokens);
    sm_plan_add(&sum->most, true, calls, bytes * votes + calls * learned, max_tokens);
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
    struct program self = {.set = {.order = "both"}};
    if (!app_start(&app, &program, options, &self.set,
                   APP_STAGE | APP_MODEL | APP_PROMPT | APP_JUDGE, argc, argv))
        return app_end(&app);
    struct sm_stage stage = {.name = "judge", .begin = begin, .plan = plan, .self = &self};
    if (judging_open(&self.judging, &app))
        app_run_stage(&app, &stage);
    judging_close(&self.judging);
    return app_end(&app);
}
