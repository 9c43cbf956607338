#include "cmd/common/judging.h"

#include "cmd/common/scoring.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"

#include <stddef.h>

#define VOTE_TEMPERATURE 0.7
#define REPLY_BYTES_PER_TOKEN 2 /* as in the upper bound of sm_plan_add() */

#define FIELD(name) offsetof(struct judging_options, name)

const struct sm_opt judging_opts[] = {
    SM_OPT_TITLED("What the judge knows, and votes"),
    {'m', "trained", "FILE", SM_OPT_TEXT, FIELD(learned), 0, 0,
     "Take what was learned, personas, rubrics and examples, from FILE, the output of sm-demosearch, instead of from the input."},
    {0, "no-persona", NULL, SM_OPT_FLAG, FIELD(no_persona), 0, 0,
     "Leave the persona out of the prompt."},
    {0, "no-demos", NULL, SM_OPT_FLAG, FIELD(no_demos), 0, 0,
     "Leave the examples out of the prompt."},
    {0, "no-rubric", NULL, SM_OPT_FLAG, FIELD(no_rubric), 0, 0,
     "Judge by persona and examples where there is a rubric, too."},
    {0, "votes", "N", SM_OPT_INT, FIELD(votes), 1, 1000,
     "Ask N times, with temperature 0.7 unless --temperature says otherwise, and go by the share of votes. Default: 1."},
    {0, "logprobs", NULL, SM_OPT_FLAG, FIELD(logprobs), 0, 0,
     "Ask for the probabilities of the reply's tokens, and go by them where the endpoint gives them. Recorded answers become about ten times as large."},
    SM_OPT_END};

const struct sm_opt personas_opts[] = {
    {0, "personas", "M", SM_OPT_INT, FIELD(personas), 1, 1000,
     "Let the M best personas of sm-persona --candidates vote, each in a request of its own. Default: 1."},
    SM_OPT_END};

bool judging_open(struct judging *judging, struct client *client, struct app *app)
{
    const struct judging_options *set = &judging->set;
    struct sm_err err = {0};
    judging->app = app;
    if (!client_start(client, app))
        return false;
    double temperature = client->set.temperature;
    if (set->votes > 1 && client->default_temperature)
        temperature = client->set.temperature = VOTE_TEMPERATURE;
    judging->asker = (struct sm_asker){client->llm, client->prompts, temperature, set->logprobs,
                                       &client->endings};
    judging->scorer = judging->asker;
    judging->scorer.logprobs = false;
    if (!set->learned)
        return true;
    judging->learned = sm_learned_open(set->learned, app->set.user, &err);
    if (!judging->learned)
        app_fail(app, &err);
    else if (!(set->no_persona && set->no_demos) && !judging->nearest &&
             !sm_learned_any(judging->learned))
        app_note(app,
                 "%s holds no persona and no examples of any user: the judge is the default one; "
                 "give what sm-fit wrote",
                 set->learned);
    return judging->learned != NULL;
}

void judging_close(struct judging *judging)
{
    sm_learned_close(judging->learned);
    judging->learned = NULL;
}

void judging_report(const struct judging *judging, const struct sm_user *user, size_t failed,
                    size_t count, const char *what, const struct sm_err *why)
{
    struct sm_err err = {0};
    if (user->stage->stopped)
        return;
    sm_err_set(&err, why->code == SM_EXIT_REPLAY ? SM_EXIT_REPLAY : SM_EXIT_PARTIAL, why->remedy,
               "user %s: %zu of %zu %s failed: %s", user->id, failed, count, what, why->message);
    app_fail(judging->app, &err);
    user->stage->failed_users++;
}

bool demos_fell_back(jv demos)
{
    jv fallback = sm_json_get(demos, "fallback");
    bool is_object = jv_get_kind(fallback) == JV_KIND_OBJECT;
    jv_free(fallback);
    return is_object;
}

/* The personas that vote with the first one, by the same examples. */
static bool init_others(struct judge *judge, const struct judging *judging,
                        const struct sm_user *user, jv demos, struct sm_err *err)
{
    const struct judging_options *set = &judging->set;
    jv list;
    size_t shown;
    bool ok = sm_learned_personas(judging->learned, user, (size_t)set->personas, &list, err);
    judge->voters = (size_t)jv_array_length(jv_copy(list));
    judge->others = sm_alloc(judge->voters, sizeof *judge->others);
    for (size_t i = 1; ok && i < judge->voters; i++) {
        jv persona = jv_array_get(jv_copy(list), (int)i);
        ok = sm_judge_head(judging->asker.prompts, sm_json_text(persona, "persona", NULL), demos,
                           &judge->others[i - 1], &shown, err);
        jv_free(persona);
    }
    jv_free(list);
    return ok;
}

bool judge_init(struct judge *judge, const struct judging *judging, const struct sm_user *user,
                struct sm_err *err)
{
    const struct judging_options *set = &judging->set;
    bool no_demos = set->no_demos || judging->nearest;
    jv persona, demos;
    *judge = (struct judge){0};
    if (!scoring_init(judge, judging, user, err))
        return false;
    if (judge->rubric.count > 0)
        return true;
    bool ok = sm_learned_of(judging->learned, user, &persona, &demos, err);
    const char *text = set->no_persona ? NULL : sm_json_text(persona, "persona", NULL);
    jv shown = no_demos ? jv_invalid() : demos;
    *judge =
        (struct judge){.persona = text != NULL, .fallback = !no_demos && demos_fell_back(demos)};
    ok = ok &&
         sm_judge_head(judging->asker.prompts, text, shown, &judge->head, &judge->demos, err) &&
         (!text || set->personas == 1 || init_others(judge, judging, user, shown, err));
    jv_free(persona);
    jv_free(demos);
    return ok;
}

void judge_release(struct judge *judge)
{
    sm_buf_release(&judge->head);
    free(judge->nearest);
    judge->nearest = NULL;
    sm_rubric_release(&judge->rubric);
    for (size_t i = 1; i < judge->voters; i++)
        sm_buf_release(&judge->others[i - 1]);
    free(judge->others);
}

void judging_write_uses(bool persona, size_t demos, bool fallback, const char *nearest,
                        struct sm_buf *out)
{
    sm_buf_printf(out, ",\"uses\":{\"persona\":%s,\"demos\":%zu%s", persona ? "true" : "false",
                  demos, fallback ? ",\"fallback\":true" : "");
    if (nearest)
        sm_buf_printf(out, ",\"nearest\":%s", nearest);
    sm_buf_char(out, '}');
}

void judge_write_uses(const struct judge *judge, struct sm_buf *out)
{
    if (judge->rubric.count > 0) {
        sm_buf_str(out, ",\"uses\":{\"persona\":false,\"demos\":0,\"rubric\":true}");
        return;
    }
    judging_write_uses(judge->persona, judge->demos, judge->fallback, judge->nearest, out);
    if (judge->voters) {
        out->len--; /* the bracket */
        sm_buf_printf(out, ",\"personas\":%zu}", judge->voters);
    }
}

/* One persona's vote. Its number among all of the judgment's is `first` more than it was asked
 * with. */
struct ballot {
    struct judgment *judgment;
    int first;
};

static void fail_judgment(struct judgment *judgment, const struct sm_err *err, unsigned tried)
{
    if (!judgment->failed)
        sm_err_set(&judgment->why, err->code, err->remedy, "%s", err->message);
    judgment->failed = true;
    judgment->tried = tried;
}

static void take_outcome(void *arg, const struct sm_outcome *outcome)
{
    const struct ballot *ballot = arg;
    struct judgment *judgment = ballot->judgment;
    struct sm_outcome vote = *outcome;
    vote.vote += ballot->first;
    if (!outcome->error && judgment->rubric)
        scoring_take(judgment, outcome);
    else if (!outcome->error)
        sm_votes_add(&judgment->votes, &vote);
    else if (outcome->error->code == SM_EXIT_PENDING)
        judgment->pending = true;
    else
        fail_judgment(judgment, outcome->error, outcome->tried);
    if (--judgment->under_way == 0)
        judgment->done(judgment->arg);
}

static void ask_votes(const struct judging *judging, const struct sm_buf *messages,
                      struct ballot *ballot)
{
    const struct sm_rubric *rubric = ballot->judgment->rubric;
    for (int i = 0; i < judging->set.votes; i++) {
        ballot->judgment->under_way++;
        if (rubric)
            sm_rubric_ask(&judging->scorer, rubric->criteria, sm_strdup(messages->data), i,
                          take_outcome, ballot);
        else
            sm_question_ask(&judging->asker, "judge", sm_strdup(messages->data), i, take_outcome,
                            ballot);
    }
}

bool judging_ask(const struct judging *judging, const struct judge *judge,
                 const struct sm_pair *pair, bool chosen_first, struct judgment *judgment)
{
    struct sm_err err = {0};
    const struct sm_rubric *rubric = judge->rubric.count > 0 ? &judge->rubric : NULL;
    size_t voters = judge->voters ? judge->voters : 1;
    struct sm_buf *messages = sm_alloc(voters, sizeof *messages);
    bool ok = true;
    judgment->rubric = rubric;
    judgment->ballots = sm_alloc(voters, sizeof *judgment->ballots);
    for (size_t i = 0; ok && i < voters; i++)
        ok = (rubric ? sm_rubric_messages : sm_judge_messages)(
            judging->asker.prompts, i ? &judge->others[i - 1] : &judge->head, pair, chosen_first,
            &messages[i], &err);
    for (size_t i = 0; i < voters; i++) {
        judgment->ballots[i] = (struct ballot){judgment, (int)i * (int)judging->set.votes};
        if (ok)
            ask_votes(judging, &messages[i], &judgment->ballots[i]);
        sm_buf_release(&messages[i]);
    }
    if (!ok)
        fail_judgment(judgment, &err, 0);
    free(messages);
    sm_err_clear(&err);
    return ok;
}

void judgment_release(struct judgment *judgment)
{
    sm_err_clear(&judgment->why);
    sm_votes_release(&judgment->votes);
    free(judgment->ballots);
    free(judgment->scores);
    judgment->ballots = NULL;
    judgment->scores = NULL;
}

static int greatest_first(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*y > *x) - (*y < *x);
}

bool judging_learned_most(const struct judging *judging, const struct sm_user *user, int64_t *bytes)
{
    const struct judging_options *set = &judging->set;
    int64_t reply = REPLY_BYTES_PER_TOKEN * sm_llm_config(judging->asker.llm)->max_tokens;
    int64_t *sizes = sm_alloc(user->pair_count, sizeof *sizes);
    size_t count = 0, most = judging->nearest ? (size_t)judging->nearest : SIZE_MAX;
    struct sm_buf message = {0};
    bool ok = true;
    *bytes = set->no_persona && set->no_rubric ? 0 : reply; /* a persona or a rubric is a reply */
    for (size_t i = 0; ok && !set->no_demos && i < user->pair_count; i++) {
        if (sm_pair_is_judged(&user->pairs[i]))
            continue;
        sm_buf_clear(&message);
        ok = sm_prompts_messages(judging->asker.prompts, "judge", "question",
                                 sm_case(&user->pairs[i], true), &message, NULL);
        sizes[count++] = (int64_t)message.len + reply;
    }
    if (count > most)
        qsort(sizes, count, sizeof *sizes, greatest_first);
    for (size_t i = 0; i < count && i < most; i++)
        *bytes += sizes[i];
    free(sizes);
    sm_buf_release(&message);
    return ok;
}
