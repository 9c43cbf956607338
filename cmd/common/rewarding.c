#include "cmd/common/rewarding.h"

#include "lib/json/json.h"

#include <math.h>
#include <stddef.h>

#define FIELD(name) offsetof(struct rewarding_options, name)

const struct sm_opt reward_opts[] = {
    SM_OPT_TITLED("Judging by likelihood"),
    {0, "contrast", "rejected|nothing|off", SM_OPT_CHOICE, FIELD(contrast), 0, 0,
     "For --by likelihood: subtract how likely the reply is after the replies that the user rejected, where nothing is known of the user, or nothing. Default: rejected."},
    {0, "per-token", NULL, SM_OPT_FLAG, FIELD(per_token), 0, 0,
     "For --by likelihood: means over a reply's tokens instead of sums."},
    SM_OPT_END};

const struct sm_opt history_opts[] = {
    {0, "history", "N", SM_OPT_INT, FIELD(history), 0, 1e6,
     "For --by likelihood: take the user's last N train and validation pairs for what is known, instead of the examples of sm-demosearch."},
    SM_OPT_END};

bool is_by_likelihood(const char *by)
{
    return by && by[0] == 'l';
}

/* An option that was given and says nothing about verdicts; NULL if there is none. */
static const char *about_rewards(const struct rewarding_options *set)
{
    return set->contrast       ? "--contrast"
           : set->per_token    ? "--per-token"
           : set->history >= 0 ? "--history"
           : set->calibrate    ? "--calibrate"
                               : NULL;
}

const char *clash_with_lines(const struct rewarding_options *set)
{
    return set->history >= 0 ? "--history" : NULL;
}

bool rewarding_check(const char *by, const struct rewarding_options *set,
                     const struct judging_options *judging, const struct client *client,
                     struct app *app)
{
    struct sm_err err = {0};
    bool rewards = is_by_likelihood(by);
    if (!rewards && about_rewards(set))
        sm_err_set(&err, SM_EXIT_USAGE, "add --by likelihood, or leave it out",
                   "%s says how likelihoods are judged by, and the judge goes by verdicts",
                   about_rewards(set));
    else if (rewards && client->set.batch)
        sm_err_set(
            &err, SM_EXIT_USAGE,
            "leave out --batch; -j sends many requests at once, and what is answered is kept",
            "--batch is for chats: a likelihood takes steps that depend on each other, or an "
            "answer that only makes sense beside its request");
    else if (rewards && judging && judging->personas > 1)
        sm_err_set(&err, SM_EXIT_USAGE, "leave it out",
                   "--personas is about verdicts that a model writes: by likelihood one persona "
                   "is judged by");
    else if (rewards && judging && (judging->votes > 1 || judging->logprobs))
        sm_err_set(&err, SM_EXIT_USAGE, "leave them out",
                   "--votes and --logprobs are about verdicts that a model writes");
    else
        return true;
    app_fail(app, &err);
    return false;
}

bool rewarder_open(struct sm_rewarder *rewarder, const struct rewarding_options *set,
                   const struct client *client, struct app *app)
{
    struct sm_err err = {0};
    *rewarder = (struct sm_rewarder){.likelihood = sm_likelihood_open(client->llm, &err),
                                     .prompts = client->prompts,
                                     .contrast = set->contrast ? sm_contrast_of(set->contrast)
                                                               : SM_CONTRAST_REJECTED,
                                     .per_token = set->per_token};
    if (err.message)
        app_fail(app, &err);
    return rewarder->likelihood != NULL;
}

bool rewarding_open(struct rewarding *rewarding, const struct judging *judging,
                    const struct client *client)
{
    rewarding->judging = judging;
    return rewarder_open(&rewarding->rewarder, &rewarding->set, client, judging->app);
}

void rewarding_close(struct rewarding *rewarding)
{
    sm_likelihood_close(rewarding->rewarder.likelihood);
    rewarding->rewarder.likelihood = NULL;
}

static bool is_known(const struct sm_pair *pair)
{
    return pair->labeled && !sm_pair_is_judged(pair);
}

/* The user's last pairs to learn from, as `demos` records have them. */
static jv last_pairs(const struct sm_user *user, long count)
{
    size_t first = user->pair_count;
    jv list = jv_array();
    for (long left = count; first > 0 && left > 0;)
        left -= is_known(&user->pairs[--first]);
    for (size_t i = first; i < user->pair_count; i++) {
        if (is_known(&user->pairs[i]))
            list = jv_array_append(list, sm_case_demo(&user->pairs[i], true, NULL));
    }
    return list;
}

bool known_init(struct known *known, const struct rewarding *rewarding, const struct sm_user *user,
                struct sm_err *err)
{
    const struct judging_options *set = &rewarding->judging->set;
    long history = rewarding->set.history;
    jv persona, demos;
    bool ok = sm_learned_of(rewarding->judging->learned, user, &persona, &demos, err);
    known->persona = set->no_persona ? jv_invalid() : sm_json_get(persona, "persona");
    bool searched = history < 0 && !rewarding->judging->nearest;
    known->choices = set->no_demos || rewarding->judging->nearest ? jv_invalid()
                     : searched                                   ? sm_json_get(demos, "demos")
                                                                  : last_pairs(user, history);
    known->search = searched ? jv_copy(demos) : jv_invalid();
    jv_free(persona);
    jv_free(demos);
    return ok;
}

void known_release(struct known *known)
{
    jv_free(known->persona);
    jv_free(known->choices);
    jv_free(known->search);
}

static bool is_text(jv object, const char *name, const char *wanted)
{
    const char *text = sm_json_text(object, name, NULL);
    return text && strcmp(text, wanted) == 0;
}

double known_scale(const struct known *known, const struct rewarding *rewarding,
                   const struct sm_sides *sides)
{
    const struct sm_rewarder *rewarder = &rewarding->rewarder;
    jv search = known->search, uses = sm_json_get(search, "uses");
    bool same = is_text(search, "by", "likelihood") &&
                is_text(search, "contrast", sm_contrast_name(rewarder->contrast)) &&
                is_text(search, "model", sm_llm_config(rewarding->judging->asker.llm)->model) &&
                sm_json_bool(search, "per_token", false) == rewarder->per_token &&
                sm_json_bool(uses, "persona", false) == sides->persona &&
                sm_json_number(uses, "demos", -1) == (double)sides->known;
    jv_free(uses);
    double scale = same ? sm_json_number(search, "scale", 0) : 0;
    return scale > 0 && isfinite(scale) ? scale : 0;
}

bool rewarding_sides(const struct rewarding *rewarding, const struct known *known,
                     struct sm_sides *sides, struct sm_err *err)
{
    const char *persona =
        jv_get_kind(known->persona) == JV_KIND_STRING ? jv_string_value(known->persona) : NULL;
    bool ok = sm_sides_init(sides, &rewarding->rewarder, persona, known->choices, err);
    sides->fallback = !rewarding->judging->set.no_demos && demos_fell_back(known->search);
    return ok;
}

/* Answers come in any order. To report always the same error, keep that of the first reply. */
static void fail_reply(struct rewards *rewards, size_t number, const struct sm_err *err,
                       unsigned tried)
{
    if (rewards->failed && rewards->culprit < number)
        return;
    rewards->failed = true;
    rewards->culprit = number;
    rewards->tried = tried;
    sm_err_set(&rewards->why, err->code, err->remedy, "%s", err->message);
}

static void take_reward(void *arg, const struct sm_reward *reward)
{
    struct valued_reply *reply = arg;
    struct rewards *rewards = reply->rewards;
    if (!reward->error) {
        reply->reward = reward->reward;
        reply->tokens = reward->tokens;
        reply->ms = reward->ms;
        rewards->model = reward->model;
        sm_usage_add(&rewards->usage, &reward->usage);
    } else if (reward->error->code == SM_EXIT_PENDING) {
        rewards->pending++;
    } else {
        fail_reply(rewards, (size_t)(reply - rewards->replies), reward->error, reward->tried);
    }
    if (--rewards->under_way == 0)
        rewards->done(rewards->arg);
}

bool rewarding_ask(const struct rewarding *rewarding, const struct sm_sides *sides, jv context,
                   const jv *replies, size_t count, struct rewards *rewards)
{
    struct sm_err err = {0};
    rewards->replies = sm_alloc(count, sizeof *rewards->replies);
    rewards->count = count;
    for (size_t i = 0; i < count && !rewards->failed; i++) {
        struct valued_reply *reply = &rewards->replies[i];
        reply->rewards = rewards;
        if (sm_reward_ask(&rewarding->rewarder, sides, context, replies[i], take_reward, reply,
                          &err))
            rewards->under_way++;
        else
            fail_reply(rewards, i, &err, 0);
    }
    sm_err_clear(&err);
    return rewards->under_way > 0;
}

void rewards_release(struct rewards *rewards)
{
    sm_err_clear(&rewards->why);
    free(rewards->replies);
    rewards->replies = NULL;
}

void rewards_write_cost(const struct rewarding *rewarding, const struct sm_sides *sides,
                        const struct rewards *rewards, struct sm_buf *out)
{
    double ms = 0;
    for (size_t i = 0; i < rewards->count; i++)
        ms += rewards->replies[i].ms;
    sm_buf_str(out, ",\"model\":");
    sm_json_cstring(out, rewards->model);
    judging_write_uses(sides->persona, sides->known, sides->fallback, sides->nearest, out);
    sm_asker_cost(&rewarding->judging->asker, out, &rewards->usage, ms);
}

void rewarding_summarize(const struct rewarding *rewarding, struct sm_buf *out)
{
    sm_buf_printf(out, ",\"likelihood\":\"%s\"", sm_likelihood_way(rewarding->rewarder.likelihood));
}

/* Two sides for certain if a pair to learn from is there already; never if nothing learned is
 * used. */
static void bound_sides(const struct rewarding *rewarding, const struct sm_user *user, int *least,
                        int *most)
{
    const struct judging_options *set = &rewarding->judging->set;
    long nearest = rewarding->judging->nearest;
    long history = set->no_demos ? 0 : nearest ? nearest : rewarding->set.history;
    bool known = false;
    for (size_t i = 0; i < user->pair_count && history > 0 && !known; i++)
        known = is_known(&user->pairs[i]);
    bool contrasted = rewarding->rewarder.contrast != SM_CONTRAST_OFF;
    *least = contrasted && known ? 2 : 1;
    *most = contrasted && (known || !set->no_persona || history < 0) ? 2 : 1;
}

void rewarding_plan(const struct rewarding *rewarding, const struct sm_user *user, int64_t replies,
                    int64_t bytes, struct sm_plan *sum)
{
    int64_t learned = 0, again = 0;
    int least, most;
    bound_sides(rewarding, user, &least, &most);
    judging_learned_most(rewarding->judging, user, &learned);
    for (size_t i = 0; i < user->pair_count && rewarding->set.calibrate; i++)
        again += is_known(&user->pairs[i]) ? 2 : 0; /* replies of pairs that are judged too */
    sm_plan_add(&sum->least, false, replies * least, bytes * least, 1);
    sm_plan_expect(sum, (replies + again) * most,
                   bytes * most + (replies + 2 * again) * most * learned / 2, 1);
    sm_plan_add(&sum->most, true, (replies + again) * most,
                bytes * most + (replies + 2 * again) * most * learned, 1);
}
