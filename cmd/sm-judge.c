/* A user's judge: which reply would the user prefer? */
#include "cmd/common/judging.h"
#include "cmd/common/nearest.h"
#include "cmd/common/scoring.h"
#include "cmd/common/stage_main.h"
#include "cmd/judge/likelihood.h"
#include "cmd/judge/verdicts.h"

#include "lib/json/json.h"

#include <stddef.h>

struct judge_options {
    const char *order, *by;
};

struct judge_main {
    struct judge_options set;
    struct judging judging;
    struct nearest nearest;
};

/* A pair in one order. */
struct slot {
    struct judged_user *judged;
    const struct sm_pair *pair;
    bool reverse;
    struct judgment judgment;
};

struct judged_user {
    struct sm_user *user;
    struct judge judge;
    struct nearby nearby; /* with --examples nearest */
    struct slot *slots;
    size_t count, under_way; /* slots */
    size_t failed;           /* slots without a verdict */
    size_t pending;          /* slots that wait for a batch */
    struct sm_err why;       /* of the first that failed */
};

static const struct sm_opt options[] = {
    {0, "by", "verdict|likelihood", SM_OPT_CHOICE, offsetof(struct judge_options, by), 0, 0,
     "Ask the model for a verdict, or compare how likely it finds each reply after what the user has chosen and rejected (see Judging by likelihood). Default: verdict."},
    {0, "order", "forward|reverse|both", SM_OPT_CHOICE, offsetof(struct judge_options, order), 0, 0,
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

/* Both orders of a pair together, by the mean of their probabilities: a judge's lean to one place
 * cancels out. */
static void write_debiased(struct sm_buf *out, const struct slot *forward,
                           const struct slot *reverse)
{
    double p =
        (sm_votes_first(&forward->judgment.votes) + 1 - sm_votes_first(&reverse->judgment.votes)) /
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

static const struct judging *judging_of(const struct judged_user *judged)
{
    const struct judge_main *self = judged->user->stage->self;
    return &self->judging;
}

static const struct judge *judge_of(const struct slot *slot)
{
    const struct judge *own = nearby_judge(&slot->judged->nearby, slot->pair);
    return own ? own : &slot->judged->judge;
}

static void write_verdict(const struct slot *slot, const struct slot *other)
{
    const struct judged_user *judged = slot->judged;
    const struct judging *judging = judging_of(judged);
    bool several = judging->set.votes > 1 || judged->judge.voters > 1;
    struct sm_buf *out = &judged->user->out;
    const struct sm_votes *votes = &slot->judgment.votes;
    enum sm_choice choice = sm_votes_choice(votes);
    sm_record_open(out, SM_VERDICT, judged->user->id);
    sm_buf_str(out, ",\"stage\":\"judge\"");
    write_place(slot, out);
    sm_buf_printf(out, ",\"preference\":\"%s\"", sm_choice_name(choice));
    write_outcome(out, slot, choice == SM_TIE ? 0 : choice == label_of(slot) ? 1 : -1);
    sm_buf_printf(out, ",\"status\":\"%s\",\"reasoning\":", sm_status_name(votes->status));
    sm_json_cstring(out, sm_votes_reasoning(votes));
    if (votes->has_probability || several)
        sm_buf_printf(out, ",\"p_first\":%.6g", sm_votes_first(votes));
    if (several)
        sm_buf_printf(out, ",\"votes\":{\"first\":%zu,\"second\":%zu,\"tie\":%zu}",
                      votes->by_choice[SM_FIRST], votes->by_choice[SM_SECOND],
                      votes->by_choice[SM_TIE]);
    if (other)
        write_debiased(out, other, slot);
    scoring_write(&slot->judgment, out);
    sm_buf_str(out, ",\"model\":");
    sm_json_cstring(out, votes->model);
    judge_write_uses(judge_of(slot), out);
    sm_asker_cost(&judging->asker, out, &votes->usage, votes->ms);
    sm_buf_str(out, "}\n");
}

static void write_error(const struct slot *slot)
{
    const struct judged_user *judged = slot->judged;
    struct sm_buf place = {0};
    write_place(slot, &place);
    sm_record_error(&judged->user->out, judged->user->id, "judge", &slot->judgment.why,
                    slot->judgment.tried, place.data);
    sm_buf_release(&place);
}

/* The same pair's verdict in forward order, if it is there. */
static const struct slot *forward_of(const struct judged_user *judged, size_t i)
{
    const struct slot *before = i > 0 ? &judged->slots[i - 1] : NULL;
    bool twin = before && before->pair == judged->slots[i].pair;
    return twin && !before->judgment.failed && !before->judgment.pending ? before : NULL;
}

static void free_judged(struct judged_user *judged)
{
    for (size_t i = 0; i < judged->count; i++)
        judgment_release(&judged->slots[i].judgment);
    nearby_release(&judged->nearby);
    judge_release(&judged->judge);
    sm_err_clear(&judged->why);
    free(judged->slots);
    free(judged);
}

static void end_judged(struct judged_user *judged)
{
    for (size_t i = 0; i < judged->count; i++) {
        const struct slot *slot = &judged->slots[i];
        if (slot->judgment.failed)
            write_error(slot);
        else if (!slot->judgment.pending)
            write_verdict(slot, forward_of(judged, i));
    }
    if (judged->failed)
        judging_report(judging_of(judged), judged->user, judged->failed, judged->count, "verdicts",
                       &judged->why);
    if (judged->pending)
        sm_user_pending(judged->user, judged->pending);
    else
        sm_user_done(judged->user);
    free_judged(judged);
}

static void end_slot(void *arg)
{
    const struct slot *slot = arg;
    struct judged_user *judged = slot->judged;
    const struct judgment *judgment = &slot->judgment;
    judged->pending += judgment->pending && !judgment->failed;
    if (judgment->failed && judged->failed++ == 0)
        sm_err_set(&judged->why, judgment->why.code, judgment->why.remedy, "%s",
                   judgment->why.message);
    if (--judged->under_way == 0)
        end_judged(judged);
}

static void ask_slot(struct slot *slot)
{
    slot->judgment.done = end_slot;
    slot->judgment.arg = slot;
    slot->judged->under_way++;
    if (!judging_ask(judging_of(slot->judged), judge_of(slot), slot->pair, !slot->reverse,
                     &slot->judgment))
        end_slot(slot);
}

static void add_slots(struct judged_user *judged)
{
    const struct sm_user *user = judged->user;
    const struct judge_main *self = user->stage->self;
    bool forward = self->set.order[0] != 'r', reverse = self->set.order[0] != 'f';
    judged->slots = sm_alloc(2 * user->pair_count, sizeof *judged->slots);
    for (size_t i = 0; i < user->pair_count; i++) {
        const struct sm_pair *pair = &user->pairs[i];
        if (!sm_pair_is_judged(pair))
            continue;
        if (forward)
            judged->slots[judged->count++] = (struct slot){.judged = judged, .pair = pair};
        if (reverse)
            judged->slots[judged->count++] =
                (struct slot){.judged = judged, .pair = pair, .reverse = true};
    }
}

/* May free `judged`. */
static void ask_all(struct judged_user *judged)
{
    size_t count = judged->count, voters = judged->judge.voters ? judged->judge.voters : 1;
    judged->user->stage->expected += count * voters * (size_t)judging_of(judged)->set.votes;
    judged->under_way++; /* so that it does not end before all is asked */
    for (size_t i = 0; i < count; i++)
        ask_slot(&judged->slots[i]);
    if (--judged->under_way == 0)
        end_judged(judged);
}

static bool choose_examples(void *arg, struct sm_err *err)
{
    struct judged_user *judged = arg;
    return nearby_choose(&judged->nearby, &judged->judge, err);
}

static void take_examples(void *arg, bool ok)
{
    if (ok)
        ask_all(arg);
    else
        free_judged(arg);
}

static void judge_user(struct sm_user *user)
{
    const struct judge_main *self = user->stage->self;
    struct judged_user *judged = sm_alloc(1, sizeof *judged);
    struct sm_err err = {0};
    judged->user = user;
    add_slots(judged);
    bool ok = judge_init(&judged->judge, &self->judging, user, &err);
    bool nearest = self->judging.nearest && judged->count > 0 && judged->judge.rubric.count == 0;
    ok = ok && (!nearest || nearby_init(&judged->nearby, &self->nearest, user, &err));
    if (ok && judged->count == 0)
        app_note(judging_of(judged)->app,
                 "user %s has no test pairs to judge; hold some out with sm-split --test",
                 user->id);
    if (!ok) {
        sm_user_failed(user, &err, 0);
        free_judged(judged);
    } else if (nearest) {
        nearby_ask(&judged->nearby, choose_examples, take_examples, judged);
    } else {
        ask_all(judged);
    }
    sm_err_clear(&err);
}

static void plan_user(struct sm_user *user, struct sm_plan *sum)
{
    const struct judge_main *self = user->stage->self;
    verdicts_plan(&self->judging, user, self->set.order[0] == 'b' ? 2 : 1, sum);
    nearby_plan(&self->nearest, user, sum);
}

static void summarize(const struct sm_stage *stage, struct sm_buf *out)
{
    const struct judge_main *self = stage->self;
    nearest_summarize(&self->nearest, out);
}

static bool choose_judge(const struct judge_main *self, struct likelihood_judge *likelihood,
                         const struct client *client, struct sm_stage *stage)
{
    stage->asked = SM_PAIR;
    stage->answers = self->set.order[0] == 'b' && !is_by_likelihood(self->set.by) ? 2 : 1;
    if (!is_by_likelihood(self->set.by))
        return true;
    stage->begin = likelihood_judge_user;
    stage->plan = likelihood_plan_user;
    stage->summarize = likelihood_summarize;
    stage->self = likelihood;
    likelihood->order = self->set.order;
    likelihood->nearest = &self->nearest;
    return rewarding_open(&likelihood->rewarding, &self->judging, client);
}

int main(int argc, char **argv)
{
    static const struct sm_program program = {
        .name = "sm-judge",
        .of_users = true,
        .summary = "predict which of two replies a user prefers",
        .operands = "[FILE ...]",
        .about =
            "Reads pairs and what was learned of their users. Judges the pairs with split "
            "\"test\" or without\na split, by the user's last rubric, or else the last persona and "
            "examples, or by nothing where\nthere is neither (the default judge), and appends a "
            "`verdict` record for each pair and order.",
    };
    struct app app;
    struct client client = CLIENT_DEFAULTS;
    struct judge_main self = {.set = {.order = "both"}, .judging = JUDGING_DEFAULTS};
    struct likelihood_judge likelihood = {.rewarding = REWARDING_DEFAULTS};
    struct sm_stage stage = {.name = "judge",
                             .begin = judge_user,
                             .plan = plan_user,
                             .summarize = summarize,
                             .self = &self};
    const struct sm_opt_group groups[] = {{options, &self.set},
                                          {reward_opts, &likelihood.rewarding.set},
                                          {history_opts, &likelihood.rewarding.set},
                                          {calibrate_opts, &likelihood.rewarding.set},
                                          {judging_opts, &self.judging.set},
                                          {examples_opts, &self.nearest.set},
                                          {embeddings_opts, &self.nearest.set},
                                          {personas_opts, &self.judging.set},
                                          {stage_opts, &stage},
                                          {line_opts, &stage},
                                          {client_opts, &client.set},
                                          {store_opts, &client.set.store},
                                          {prompt_opts, &client.set},
                                          {0}};
    if (app_start(&app, &program, groups, argc, argv) &&
        rewarding_check(self.set.by, &likelihood.rewarding.set, &self.judging.set, &client, &app) &&
        nearest_check(&self.nearest, &likelihood.rewarding.set, &client, &self.judging, &app) &&
        line_check(&stage, &client, &app, clash_with_lines(&likelihood.rewarding.set)) &&
        judging_open(&self.judging, &client, &app) &&
        nearest_open(&self.nearest, &self.judging, &client, &stage) &&
        choose_judge(&self, &likelihood, &client, &stage))
        stage_main(&app, &client, &stage);
    nearest_close(&self.nearest);
    rewarding_close(&likelihood.rewarding);
    judging_close(&self.judging);
    client_close(&client, &app);
    return app_end(&app);
}
