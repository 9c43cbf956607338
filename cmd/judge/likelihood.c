#include "cmd/judge/likelihood.h"

#include "lib/json/json.h"

#include <stddef.h>

#define FIELD(name) offsetof(struct likelihood_options, name)

enum { CHOSEN, REJECTED, REPLIES }; /* or first and second */

const struct sm_opt likelihood_opts[] = {
    {0, "contrast", "rejected|nothing|off", SM_OPT_CHOICE, FIELD(contrast), 0, 0,
     "For --by likelihood: subtract how likely the reply is after the replies that the user rejected, where nothing is known of the user, or nothing. Default: rejected."},
    {0, "history", "N", SM_OPT_INT, FIELD(history), 0, 1e6,
     "For --by likelihood: take the user's last N train and validation pairs for what is known, instead of the examples of sm-demosearch."},
    {0, "per-token", NULL, SM_OPT_FLAG, FIELD(per_token), 0, 0,
     "For --by likelihood: means over a reply's tokens instead of sums."},
    SM_OPT_END};

/* A pair, and what its two replies are worth. */
struct valued_pair {
    struct valued_user *valued;
    const struct sm_pair *pair;
    double reward[REPLIES];
    size_t tokens[REPLIES];
    size_t under_way; /* replies */
    bool pending;
    struct sm_err why; /* of the first that failed */
    unsigned tried;
    struct sm_usage usage;
    double ms;
    const char *model;
};

struct valued_reply {
    struct valued_pair *pair;
    int which;
};

struct valued_user {
    struct sm_user *user;
    struct sm_sides sides;
    struct valued_pair *pairs;
    size_t count, under_way; /* pairs */
};

bool likelihood_open(struct likelihood_judge *judge, const struct judging *judging,
                     const struct client *client, const char *order)
{
    struct sm_err err = {0};
    const char *contrast = judge->set.contrast;
    judge->judging = judging;
    judge->order = order;
    judge->rewarder = (struct sm_rewarder){.prompts = client->prompts,
                                           .contrast = contrast[0] == 'r'   ? SM_CONTRAST_REJECTED
                                                       : contrast[0] == 'n' ? SM_CONTRAST_NOTHING
                                                                            : SM_CONTRAST_OFF,
                                           .per_token = judge->set.per_token};
    if (client->set.batch)
        sm_err_set(&err, SM_EXIT_USAGE, "leave out --batch",
                   "--batch writes chat requests, and a likelihood is none");
    else if (judging->set.votes > 1 || judging->set.logprobs)
        sm_err_set(&err, SM_EXIT_USAGE, "leave them out",
                   "--votes and --logprobs are about verdicts that a model writes");
    else
        judge->rewarder.likelihood = sm_likelihood_open(client->llm, &err);
    if (err.message)
        app_fail(judging->app, &err);
    return judge->rewarder.likelihood != NULL;
}

void likelihood_close(struct likelihood_judge *judge)
{
    sm_likelihood_close(judge->rewarder.likelihood);
    judge->rewarder.likelihood = NULL;
}

/* There is no first and no second reply here. Records name an order all the same, and pairs take
 * turns, so that who counts preferences by place finds no lean that is not there. */
static bool is_reverse(const struct valued_pair *p)
{
    const struct likelihood_judge *judge = p->valued->user->stage->self;
    return judge->order[0] == 'b' ? p->pair->index % 2 == 1 : judge->order[0] == 'r';
}

static void write_place(const struct valued_pair *p, struct sm_buf *out)
{
    sm_buf_printf(out, ",\"index\":%zu,\"order\":\"%s\"", p->pair->index,
                  is_reverse(p) ? "reverse" : "forward");
}

static void write_prediction(const struct valued_pair *p, struct sm_buf *out)
{
    int prediction =
        (p->reward[CHOSEN] > p->reward[REJECTED]) - (p->reward[CHOSEN] < p->reward[REJECTED]);
    enum sm_choice chosen = is_reverse(p) ? SM_SECOND : SM_FIRST;
    enum sm_choice other = is_reverse(p) ? SM_FIRST : SM_SECOND;
    sm_buf_printf(out, ",\"preference\":\"%s\",\"prediction\":%d",
                  sm_choice_name(prediction > 0   ? chosen
                                 : prediction < 0 ? other
                                                  : SM_TIE),
                  prediction);
    if (p->pair->labeled)
        sm_buf_printf(out, ",\"label\":\"%s\",\"correct\":%s", sm_choice_name(chosen),
                      prediction == 1 ? "true" : "false");
    else
        sm_buf_str(out, ",\"label\":null,\"correct\":null");
}

static void write_verdict(const struct valued_pair *p)
{
    const struct valued_user *valued = p->valued;
    const struct likelihood_judge *judge = valued->user->stage->self;
    struct sm_buf *out = &valued->user->out;
    const char *names[REPLIES] = {p->pair->labeled ? "chosen" : "first",
                                  p->pair->labeled ? "rejected" : "second"};
    sm_record_open(out, SM_VERDICT, valued->user->id);
    sm_buf_str(out, ",\"stage\":\"judge\",\"by\":\"likelihood\"");
    write_place(p, out);
    write_prediction(p, out);
    sm_buf_printf(out, ",\"status\":\"ok\",\"rewards\":{\"%s\":%.7g,\"%s\":%.7g}", names[CHOSEN],
                  p->reward[CHOSEN], names[REJECTED], p->reward[REJECTED]);
    sm_buf_printf(out, ",\"reply_tokens\":{\"%s\":%zu,\"%s\":%zu},\"model\":", names[CHOSEN],
                  p->tokens[CHOSEN], names[REJECTED], p->tokens[REJECTED]);
    sm_json_cstring(out, p->model);
    sm_buf_printf(out, ",\"uses\":{\"persona\":%s,\"demos\":%zu}",
                  valued->sides.persona ? "true" : "false", valued->sides.known);
    sm_asker_cost(&judge->judging->asker, out, &p->usage, p->ms);
    sm_buf_str(out, "}\n");
}

static void write_error(const struct valued_pair *p)
{
    struct sm_buf place = {0};
    write_place(p, &place);
    sm_record_error(&p->valued->user->out, p->valued->user->id, "judge", &p->why, p->tried,
                    place.data);
    sm_buf_release(&place);
}

/* A user of whom verdicts are missing is told once, with the first reason. */
static void report_failed(const struct valued_user *valued, const struct sm_err *why, size_t failed)
{
    const struct likelihood_judge *judge = valued->user->stage->self;
    struct sm_err err = {0};
    sm_err_set(&err, why->code == SM_EXIT_REPLAY ? SM_EXIT_REPLAY : SM_EXIT_PARTIAL, why->remedy,
               "user %s: %zu of %zu verdicts failed: %s", valued->user->id, failed, valued->count,
               why->message);
    app_fail(judge->judging->app, &err);
    valued->user->stage->failed_users++;
}

static void free_valued(struct valued_user *valued)
{
    for (size_t i = 0; i < valued->count; i++)
        sm_err_clear(&valued->pairs[i].why);
    sm_sides_release(&valued->sides);
    free(valued->pairs);
    free(valued);
}

static void end_user(struct valued_user *valued)
{
    const struct sm_err *why = NULL;
    size_t failed = 0, pending = 0;
    for (size_t i = 0; i < valued->count; i++) {
        const struct valued_pair *p = &valued->pairs[i];
        if (p->why.message) {
            why = failed++ ? why : &p->why;
            write_error(p);
        } else if (p->pending) {
            pending++;
        } else {
            write_verdict(p);
        }
    }
    if (failed && !valued->user->stage->stopped)
        report_failed(valued, why, failed);
    if (pending)
        sm_user_pending(valued->user, pending);
    else
        sm_user_done(valued->user);
    free_valued(valued);
}

static void end_pair(struct valued_pair *p)
{
    struct valued_user *valued = p->valued;
    if (--p->under_way == 0 && --valued->under_way == 0)
        end_user(valued);
}

static void take_reward(void *arg, const struct sm_reward *reward)
{
    struct valued_reply *reply = arg;
    struct valued_pair *p = reply->pair;
    if (!reward->error) {
        p->reward[reply->which] = reward->reward;
        p->tokens[reply->which] = reward->tokens;
        p->model = reward->model;
        p->ms += reward->ms;
        sm_usage_add(&p->usage, &reward->usage);
    } else if (reward->error->code == SM_EXIT_PENDING) {
        p->pending = true;
    } else if (!p->why.message) {
        sm_err_set(&p->why, reward->error->code, reward->error->remedy, "%s",
                   reward->error->message);
        p->tried = reward->tried;
    }
    free(reply);
    end_pair(p);
}

static void ask_reply(struct valued_pair *p, int which)
{
    const struct likelihood_judge *judge = p->valued->user->stage->self;
    struct valued_reply *reply = sm_alloc(1, sizeof *reply);
    struct sm_err err = {0};
    *reply = (struct valued_reply){p, which};
    p->under_way++;
    if (sm_reward_ask(&judge->rewarder, &p->valued->sides, p->pair->context,
                      which == CHOSEN ? p->pair->chosen : p->pair->rejected, take_reward, reply,
                      &err))
        return;
    struct sm_reward none = {.error = &err};
    take_reward(reply, &none);
    sm_err_clear(&err);
}

/* The user's last pairs to learn from, as `demos` records have them. */
static jv last_pairs(const struct sm_user *user, long count)
{
    jv list = jv_array();
    for (size_t i = user->pair_count; i-- > 0 && jv_array_length(jv_copy(list)) < count;) {
        const struct sm_pair *pair = &user->pairs[i];
        if (pair->labeled && !sm_pair_is_judged(pair))
            list =
                jv_array_concat(jv_array_append(jv_array(), sm_case_demo(pair, true, NULL)), list);
    }
    return list;
}

static bool init_sides(struct valued_user *valued, struct sm_err *err)
{
    const struct likelihood_judge *judge = valued->user->stage->self;
    const struct judging_options *set = &judge->judging->set;
    jv persona, demos;
    bool ok = sm_learned_of(judge->judging->learned, valued->user, &persona, &demos, err);
    const char *text = set->no_persona ? NULL : sm_json_text(persona, "persona", NULL);
    jv known = set->no_demos             ? jv_invalid()
               : judge->set.history >= 0 ? last_pairs(valued->user, judge->set.history)
                                         : sm_json_get(demos, "demos");
    ok = ok && sm_sides_init(&valued->sides, &judge->rewarder, text, known, err);
    jv_free(known);
    jv_free(persona);
    jv_free(demos);
    return ok;
}

static void add_pairs(struct valued_user *valued)
{
    const struct sm_user *user = valued->user;
    valued->pairs = sm_alloc(user->pair_count, sizeof *valued->pairs);
    for (size_t i = 0; i < user->pair_count; i++) {
        if (sm_pair_is_judged(&user->pairs[i]))
            valued->pairs[valued->count++] =
                (struct valued_pair){.valued = valued, .pair = &user->pairs[i]};
    }
}

/* `valued` may be gone afterwards. */
static void ask_pairs(struct valued_user *valued)
{
    size_t count = valued->count;
    valued->under_way = count + 1; /* so that it does not end before all is asked */
    for (size_t i = 0; i < count; i++) {
        struct valued_pair *p = &valued->pairs[i];
        p->under_way = 1;
        for (int which = 0; which < REPLIES; which++)
            ask_reply(p, which);
        end_pair(p);
    }
    if (--valued->under_way == 0)
        end_user(valued);
}

void likelihood_judge_user(struct sm_user *user)
{
    const struct likelihood_judge *judge = user->stage->self;
    struct valued_user *valued = sm_alloc(1, sizeof *valued);
    struct sm_err err = {0};
    valued->user = user;
    add_pairs(valued);
    bool ok = init_sides(valued, &err);
    if (ok && valued->count == 0)
        app_note(judge->judging->app,
                 "user %s has no test pairs to judge; hold some out with sm-split --test",
                 user->id);
    if (ok) {
        ask_pairs(valued);
    } else {
        sm_user_failed(user, &err, 0);
        free_valued(valued);
    }
    sm_err_clear(&err);
}

/* Both replies of each pair, on both sides. */
void likelihood_plan_user(struct sm_user *user, struct sm_plan *sum)
{
    const struct likelihood_judge *judge = user->stage->self;
    int64_t learned = 0, bytes = 0, pairs = 0;
    struct sm_buf text = {0};
    judging_learned_most(judge->judging, user, &learned);
    for (size_t i = 0; i < user->pair_count; i++) {
        if (!sm_pair_is_judged(&user->pairs[i]))
            continue;
        sm_buf_clear(&text);
        sm_json_value(&text, user->pairs[i].context);
        sm_json_value(&text, user->pairs[i].chosen);
        bytes += (int64_t)text.len;
        pairs++;
    }
    int sides = judge->rewarder.contrast == SM_CONTRAST_OFF ? 1 : 2;
    int64_t calls = pairs * REPLIES * sides;
    sm_plan_add(&sum->least, false, pairs * REPLIES, bytes * REPLIES, 1);
    sm_plan_add(&sum->most, true, calls, bytes * REPLIES * sides + calls * learned, 1);
    sm_buf_release(&text);
}

/* For the `run` record: how the endpoint was asked. */
void likelihood_summarize(const struct sm_stage *stage, struct sm_buf *out)
{
    const struct likelihood_judge *judge = stage->self;
    sm_buf_printf(out, ",\"likelihood\":\"%s\"", sm_likelihood_way(judge->rewarder.likelihood));
}
