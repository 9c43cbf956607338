#include "cmd/common/judging.h"

#include "lib/json/json.h"

#define VOTE_TEMPERATURE 0.7
#define REPLY_BYTES_PER_TOKEN 2 /* as sm_plan_add() reckons at most */

bool judging_open(struct judging *judging, struct app *app)
{
    const struct app_judge *set = &app->set.judge;
    struct sm_err err = {0};
    *judging = (struct judging){.app = app};
    if (set->votes > 1 && app->default_temperature)
        app->set.temperature = VOTE_TEMPERATURE;
    judging->asker = (struct sm_asker){app->llm, app->prompts, app->set.temperature, set->logprobs};
    if (set->trained)
        judging->trained = sm_learned_open(set->trained, app->set.user, &err);
    bool ok = !err.message;
    if (!ok)
        app_fail(app, &err);
    else if (judging->trained && !(set->no_persona && set->no_demos) &&
             !sm_learned_any(judging->trained))
        app_note(app,
                 "%s holds no persona and no examples of any user: the judge is the default one; "
                 "give what sm-fit wrote",
                 set->trained);
    return ok;
}

void judging_close(struct judging *judging)
{
    sm_learned_close(judging->trained);
    judging->trained = NULL;
}

bool judge_init(struct judge *judge, const struct judging *judging, const struct sm_user *user,
                struct sm_err *err)
{
    const struct app_judge *set = &judging->app->set.judge;
    jv persona, demos;
    bool ok = sm_learned_of(judging->trained, user, &persona, &demos, err);
    const char *text = set->no_persona ? NULL : sm_json_text(persona, "persona", NULL);
    *judge = (struct judge){.persona = text != NULL};
    ok = ok && sm_judge_head(judging->asker.prompts, text, set->no_demos ? jv_invalid() : demos,
                             &judge->head, &judge->demos, err);
    jv_free(persona);
    jv_free(demos);
    return ok;
}

void judge_release(struct judge *judge)
{
    sm_buf_release(&judge->head);
}

void judge_write_uses(const struct judge *judge, struct sm_buf *out)
{
    sm_buf_printf(out, ",\"uses\":{\"persona\":%s,\"demos\":%zu}",
                  judge->persona ? "true" : "false", judge->demos);
}

static void fail(struct verdict *verdict, const struct sm_err *err, unsigned tried)
{
    if (!verdict->failed)
        sm_err_set(&verdict->why, err->code, err->remedy, "%s", err->message);
    verdict->failed = true;
    verdict->tried = tried;
}

static void take_outcome(void *arg, const struct sm_outcome *outcome)
{
    struct verdict *verdict = arg;
    if (!outcome->error)
        sm_votes_add(&verdict->ballot, outcome);
    else if (outcome->error->code == SM_EXIT_PENDING)
        verdict->pending = true;
    else
        fail(verdict, outcome->error, outcome->tried);
    if (--verdict->under_way == 0)
        verdict->done(verdict->arg);
}

bool judging_ask(const struct judging *judging, const struct judge *judge,
                 const struct sm_pair *pair, bool chosen_first, struct verdict *verdict)
{
    struct sm_buf messages = {0};
    struct sm_err err = {0};
    bool ok = sm_judge_messages(judging->asker.prompts, &judge->head, pair, chosen_first, &messages,
                                &err);
    for (int i = 0; ok && i < judging->app->set.judge.votes; i++) {
        verdict->under_way++;
        sm_question_ask(&judging->asker, "judge", sm_strdup(messages.data), i, take_outcome,
                        verdict);
    }
    if (!ok)
        fail(verdict, &err, 0);
    sm_buf_release(&messages);
    sm_err_clear(&err);
    return ok;
}

void verdict_release(struct verdict *verdict)
{
    sm_err_clear(&verdict->why);
    sm_votes_release(&verdict->ballot);
}

bool judging_learned_most(const struct judging *judging, const struct sm_user *user, int64_t *bytes)
{
    const struct app_judge *set = &judging->app->set.judge;
    int64_t reply = REPLY_BYTES_PER_TOKEN * sm_llm_config(judging->asker.llm)->max_tokens;
    struct sm_buf message = {0};
    bool ok = true;
    *bytes = set->no_persona ? 0 : reply; /* a persona is a reply */
    for (size_t i = 0; ok && !set->no_demos && i < user->pair_count; i++) {
        if (sm_pair_is_judged(&user->pairs[i]))
            continue;
        sm_buf_clear(&message);
        ok = sm_prompts_messages(judging->asker.prompts, "judge", "question",
                                 sm_case(&user->pairs[i], true), &message, NULL);
        *bytes += (int64_t)message.len + reply;
    }
    sm_buf_release(&message);
    return ok;
}
