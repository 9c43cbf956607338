#include "cmd/judge/likelihood.h"

#include "cmd/judge/calibration.h"
#include "lib/json/json.h"
#include "lib/judge/scale.h"

#include <stddef.h>

const struct sm_opt calibrate_opts[] = {
    {0, "calibrate", NULL, SM_OPT_FLAG, offsetof(struct rewarding_options, calibrate), 0, 0,
     "For --by likelihood: fit the probabilities to the known choices, each judged with the others as the history. Four more evaluations for each choice."},
    SM_OPT_END};

enum { CHOSEN, REJECTED, REPLIES }; /* or first and second */

/* A pair, and what its two replies are worth. */
struct valued_pair {
    struct valued_user *valued;
    const struct sm_pair *pair;
    const struct sm_sides *sides;
    struct sm_sides own; /* with --examples nearest; then with */
    char *nearest;       /* the indices of these examples */
    struct rewards rewards;
};

struct valued_user {
    struct sm_user *user;
    struct known known;
    struct sm_sides sides;
    struct nearby nearby;            /* with --examples nearest, until all is asked */
    struct calibration *calibration; /* NULL: none is made */
    double scale;                    /* 0: not known */
    struct valued_pair *pairs;
    size_t count, under_way; /* pairs */
};

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

static int prediction_of(const struct valued_pair *p)
{
    const struct valued_reply *replies = p->rewards.replies;
    return (replies[CHOSEN].reward > replies[REJECTED].reward) -
           (replies[CHOSEN].reward < replies[REJECTED].reward);
}

static void write_prediction(const struct valued_pair *p, struct sm_buf *out)
{
    int prediction = prediction_of(p);
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

static void write_probability(const struct valued_pair *p, struct sm_buf *out)
{
    const struct valued_reply *replies = p->rewards.replies;
    double difference = replies[CHOSEN].reward - replies[REJECTED].reward;
    if (p->valued->scale > 0)
        sm_buf_printf(
            out, ",\"p_first\":%.10g",
            sm_scale_probability(is_reverse(p) ? -difference : difference, p->valued->scale));
}

static void write_rewards(const struct valued_pair *p, struct sm_buf *out)
{
    const struct valued_reply *replies = p->rewards.replies;
    const char *chosen = p->pair->labeled ? "chosen" : "first";
    const char *rejected = p->pair->labeled ? "rejected" : "second";
    sm_buf_printf(out, ",\"rewards\":{\"%s\":%.7g,\"%s\":%.7g}", chosen, replies[CHOSEN].reward,
                  rejected, replies[REJECTED].reward);
    sm_buf_printf(out, ",\"reply_tokens\":{\"%s\":%zu,\"%s\":%zu}", chosen, replies[CHOSEN].tokens,
                  rejected, replies[REJECTED].tokens);
    if (p->valued->scale > 0)
        sm_buf_printf(out, ",\"scale\":%.7g", p->valued->scale);
}

static void write_verdict(const struct valued_pair *p)
{
    const struct valued_user *valued = p->valued;
    const struct likelihood_judge *judge = valued->user->stage->self;
    struct sm_buf *out = &valued->user->out;
    sm_record_open(out, SM_VERDICT, valued->user->id);
    sm_buf_str(out, ",\"stage\":\"judge\",\"by\":\"likelihood\"");
    write_place(p, out);
    write_prediction(p, out);
    sm_buf_str(out, ",\"status\":\"ok\"");
    write_probability(p, out);
    write_rewards(p, out);
    rewards_write_cost(&judge->rewarding, p->sides, &p->rewards, out);
    sm_buf_str(out, "}\n");
}

static void write_error(const struct valued_pair *p)
{
    struct sm_buf place = {0};
    write_place(p, &place);
    sm_record_error(&p->valued->user->out, p->valued->user->id, "judge", &p->rewards.why,
                    p->rewards.tried, place.data);
    sm_buf_release(&place);
}

static void free_valued(struct valued_user *valued)
{
    for (size_t i = 0; i < valued->count; i++) {
        rewards_release(&valued->pairs[i].rewards);
        sm_sides_release(&valued->pairs[i].own);
        free(valued->pairs[i].nearest);
    }
    nearby_release(&valued->nearby);
    calibration_close(valued->calibration);
    sm_sides_release(&valued->sides);
    known_release(&valued->known);
    free(valued->pairs);
    free(valued);
}

/* Writes what came of the pairs. Returns how many wait. */
static size_t end_pairs(struct valued_user *valued)
{
    const struct likelihood_judge *judge = valued->user->stage->self;
    const struct sm_err *why = NULL;
    size_t failed = 0, pending = 0;
    for (size_t i = 0; i < valued->count; i++) {
        const struct valued_pair *p = &valued->pairs[i];
        if (p->rewards.failed) {
            why = failed++ ? why : &p->rewards.why;
            write_error(p);
        } else if (p->rewards.pending) {
            pending++;
        } else {
            write_verdict(p);
        }
    }
    if (failed)
        judging_report(judge->rewarding.judging, valued->user, failed, valued->count, "verdicts",
                       why);
    return pending;
}

static void end_user(struct valued_user *valued)
{
    const struct sm_err *why = NULL;
    unsigned tried = 0;
    enum calibration_state state =
        calibration_end(valued->calibration, &valued->scale, &why, &tried);
    size_t pending = state == CALIBRATION_PENDING ? valued->count
                     : state == CALIBRATION_DONE  ? end_pairs(valued)
                                                  : 0;
    if (state == CALIBRATION_FAILED)
        sm_user_failed(valued->user, why, tried);
    else if (pending)
        sm_user_pending(valued->user, pending);
    else
        sm_user_done(valued->user);
    free_valued(valued);
}

/* A pair, or all that the calibration asks. */
static void end_part(struct valued_user *valued)
{
    if (--valued->under_way == 0)
        end_user(valued);
}

static void end_pair(void *arg)
{
    const struct valued_pair *p = arg;
    end_part(p->valued);
}

static void end_calibration(void *arg)
{
    end_part(arg);
}

static void ask_pair(struct valued_pair *p)
{
    const struct likelihood_judge *judge = p->valued->user->stage->self;
    const jv replies[REPLIES] = {p->pair->chosen, p->pair->rejected};
    p->rewards.done = end_pair;
    p->rewards.arg = p;
    p->valued->under_way++;
    if (!rewarding_ask(&judge->rewarding, p->sides, p->pair->context, replies, REPLIES,
                       &p->rewards))
        end_pair(p);
}

static void add_pairs(struct valued_user *valued)
{
    const struct sm_user *user = valued->user;
    valued->pairs = sm_alloc(user->pair_count, sizeof *valued->pairs);
    for (size_t i = 0; i < user->pair_count; i++) {
        if (sm_pair_is_judged(&user->pairs[i]))
            valued->pairs[valued->count++] = (struct valued_pair){
                .valued = valued, .pair = &user->pairs[i], .sides = &valued->sides};
    }
}

/* `valued` may be gone afterwards. */
static void ask_pairs(struct valued_user *valued)
{
    size_t count = valued->count;
    valued->under_way++; /* so that it does not end before all is asked */
    if (valued->calibration) {
        valued->under_way++;
        calibration_ask(valued->calibration, end_calibration, valued);
    }
    for (size_t i = 0; i < count; i++)
        ask_pair(&valued->pairs[i]);
    end_part(valued);
}

static bool choose_history(struct valued_pair *p, struct sm_err *err)
{
    const struct valued_user *valued = p->valued;
    const struct likelihood_judge *judge = valued->user->stage->self;
    struct known known = {.persona = valued->known.persona};
    bool ok = nearby_known(&p->valued->nearby, p->pair, &known.choices, &p->nearest, err) &&
              rewarding_sides(&judge->rewarding, &known, &p->own, err);
    p->own.nearest = p->nearest;
    p->sides = &p->own;
    jv_free(known.choices);
    return ok;
}

static bool choose_histories(void *arg, struct sm_err *err)
{
    struct valued_user *valued = arg;
    bool ok = true;
    for (size_t i = 0; ok && i < valued->count; i++)
        ok = choose_history(&valued->pairs[i], err);
    nearby_forget(&valued->nearby);
    return ok;
}

static void take_histories(void *arg, bool ok)
{
    if (ok)
        ask_pairs(arg);
    else
        free_valued(arg);
}

/* A rubric is for scores that a model writes. */
static void tell_rubric(struct likelihood_judge *judge, const struct sm_user *user)
{
    const struct judging *judging = judge->rewarding.judging;
    struct sm_err err = {0};
    jv rubric = jv_invalid();
    if (!judge->told && !judging->set.no_rubric &&
        sm_learned_rubric(judging->learned, user, &rubric, &err) && jv_is_valid(rubric)) {
        app_warn(judging->app,
                 "user %s has a rubric, which --by likelihood does not go by; "
                 "--no-rubric leaves this remark out",
                 user->id);
        judge->told = true;
    }
    jv_free(rubric);
    sm_err_clear(&err);
}

static bool know_user(struct valued_user *valued, struct sm_err *err)
{
    const struct likelihood_judge *judge = valued->user->stage->self;
    bool ok = known_init(&valued->known, &judge->rewarding, valued->user, err) &&
              rewarding_sides(&judge->rewarding, &valued->known, &valued->sides, err);
    if (ok && judge->rewarding.set.calibrate && valued->count > 0)
        valued->calibration = calibration_open(&judge->rewarding, &valued->known);
    else if (ok)
        valued->scale = known_scale(&valued->known, &judge->rewarding, &valued->sides);
    return ok;
}

void likelihood_judge_user(struct sm_user *user)
{
    struct likelihood_judge *judge = user->stage->self;
    struct valued_user *valued = sm_alloc(1, sizeof *valued);
    tell_rubric(judge, user);
    struct sm_err err = {0};
    valued->user = user;
    add_pairs(valued);
    bool nearest = judge->rewarding.judging->nearest && valued->count > 0;
    bool ok = know_user(valued, &err) &&
              (!nearest || nearby_init(&valued->nearby, judge->nearest, user, &err));
    if (ok && valued->count == 0)
        app_note(judge->rewarding.judging->app,
                 "user %s has no test pairs to judge; hold some out with sm-split --test",
                 user->id);
    if (ok && nearest) {
        nearby_ask(&valued->nearby, choose_histories, take_histories, valued);
    } else if (ok) {
        ask_pairs(valued);
    } else {
        sm_user_failed(user, &err, 0);
        free_valued(valued);
    }
    sm_err_clear(&err);
}

void likelihood_plan_user(struct sm_user *user, struct sm_plan *sum)
{
    const struct likelihood_judge *judge = user->stage->self;
    int64_t bytes = 0, replies = 0;
    struct sm_buf text = {0};
    for (size_t i = 0; i < user->pair_count; i++) {
        const struct sm_pair *pair = &user->pairs[i];
        if (!sm_pair_is_judged(pair))
            continue;
        sm_buf_clear(&text);
        for (int which = 0; which < REPLIES; which++) {
            sm_json_value(&text, pair->context);
            sm_json_value(&text, which == CHOSEN ? pair->chosen : pair->rejected);
        }
        bytes += (int64_t)text.len;
        replies += REPLIES;
    }
    rewarding_plan(&judge->rewarding, user, replies, bytes, sum);
    nearby_plan(judge->nearest, user, sum);
    sm_buf_release(&text);
}

void likelihood_summarize(const struct sm_stage *stage, struct sm_buf *out)
{
    const struct likelihood_judge *judge = stage->self;
    rewarding_summarize(&judge->rewarding, out);
    nearest_summarize(judge->nearest, out);
}
