#include "lib/search/internal/oracle.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/judge/scale.h"

#define PERSONA_BYTES_PER_TOKEN 2 /* as in the upper bound of sm_plan_add() */

static void open_likelihoods(struct search_state *state, const char *persona)
{
    state->persona = persona;
}

static void prepare_sides(struct trial *trial)
{
    struct search_state *state = trial->state;
    struct sm_err err = {0};
    jv known = jv_array();
    for (size_t i = 0; i < trial->demo_count; i++) {
        const struct sm_pair *pair = state->train.at[trial->demos[i].row].pair;
        known = jv_array_append(known, sm_case_demo(pair, pair->flip, NULL));
    }
    if (!sm_sides_init(&trial->sides, state->search->rewarder, state->persona, known, &err))
        sm_search_give_up(state, &err);
    trial->prompt_bytes = trial->sides.positive.len + trial->sides.negative.len;
    jv_free(known);
}

/* Also before the candidate is prepared. If nothing is known of the user, one side is enough. */
static size_t sides_of(const struct search_state *state, const struct trial *trial,
                       bool has_persona)
{
    bool choices =
        sm_search_seed(state, trial) != SM_SEED_ZERO_SHOT && state->search->options.max_labeled > 0;
    bool contrast = state->search->rewarder->contrast != SM_CONTRAST_OFF;
    return contrast && (choices || has_persona) ? 2 : 1;
}

static size_t most_calls(const struct search_state *state, const struct trial *trial)
{
    return REPLIES * sides_of(state, trial, state->persona || state->foreseen);
}

static void settle_row(struct trace *trace)
{
    double chosen = trace->replies[CHOSEN].reward, rejected = trace->replies[REJECTED].reward;
    bool flip = trace->row->pair->flip;
    trace->given.preference = chosen == rejected            ? SM_TIE
                              : (chosen > rejected) == flip ? SM_FIRST
                                                            : SM_SECOND;
    sm_search_settle(trace, chosen > rejected);
}

static void take_reward(void *arg, const struct sm_reward *reward)
{
    struct valued *reply = arg;
    struct trace *trace = reply->trace;
    struct trial *trial = trace->trial;
    size_t calls = (size_t)sm_sides_count(&trial->sides);
    if (reward->error) {
        sm_search_unanswered(trial, calls, reward->error, reward->tried);
    } else {
        sm_search_answered(trial, reward->ms / (double)calls);
        reply->reward = reward->reward;
        reply->tokens = reward->tokens;
        reply->answered = true;
        sm_usage_add(&trace->usage, &reward->usage);
        trace->ms += reward->ms;
        if (trace->replies[CHOSEN].answered && trace->replies[REJECTED].answered)
            settle_row(trace);
    }
    trial->state->advance(trial->state);
}

/* Consumes `err`. */
static void give_up_pair(struct search_state *state, const struct sm_pair *pair, struct sm_err *err)
{
    struct sm_err named = {0};
    sm_err_set(&named, err->code, err->remedy, "pair %zu: %s", pair->index, err->message);
    sm_err_clear(err);
    sm_search_give_up(state, &named);
}

static void ask_rewards(struct trace *trace)
{
    struct trial *trial = trace->trial;
    const struct sm_rewarder *rewarder = trial->state->search->rewarder;
    const struct sm_pair *pair = trace->row->pair;
    struct sm_err err = {0};
    for (int i = 0; i < REPLIES && !trial->state->failed.message; i++) {
        trace->replies[i].trace = trace;
        if (sm_reward_ask(rewarder, &trial->sides, pair->context,
                          i == CHOSEN ? pair->chosen : pair->rejected, take_reward,
                          &trace->replies[i], &err))
            sm_search_asked(trial, (size_t)sm_sides_count(&trial->sides));
        else
            give_up_pair(trial->state, pair, &err);
    }
}

static void write_rewards(const struct trace *trace, struct sm_buf *out)
{
    const struct valued *chosen = &trace->replies[CHOSEN], *rejected = &trace->replies[REJECTED];
    sm_buf_printf(out, ",\"by\":\"likelihood\",\"rewards\":{\"chosen\":%.7g,\"rejected\":%.7g}",
                  chosen->reward, rejected->reward);
    sm_buf_printf(out, ",\"reply_tokens\":{\"chosen\":%zu,\"rejected\":%zu}", chosen->tokens,
                  rejected->tokens);
}

/* What the rewards are, so that a judge can tell whether its own are the same; and their scale, by
 * the validation rows, none of which is in a history. */
static void write_won(const struct search_state *state, const struct trial *taken,
                      struct sm_buf *out)
{
    const struct sm_rewarder *rewarder = state->search->rewarder;
    double *differences = sm_alloc(state->val.count, sizeof *differences);
    size_t count = 0;
    for (size_t i = 0; i < state->val.count; i++) {
        const struct valued *replies = taken->validate[i].replies;
        if (taken->validate[i].answered)
            differences[count++] = replies[CHOSEN].reward - replies[REJECTED].reward;
    }
    double scale = sm_scale_fit(differences, count);
    sm_buf_printf(out, ",\"by\":\"likelihood\",\"contrast\":\"%s\",\"per_token\":%s",
                  sm_contrast_name(rewarder->contrast), rewarder->per_token ? "true" : "false");
    sm_buf_str(out, ",\"model\":");
    sm_json_cstring(out, sm_llm_config(state->search->asker.llm)->model);
    sm_buf_printf(out, ",\"uses\":{\"persona\":%s,\"demos\":%zu}",
                  taken->sides.persona ? "true" : "false", taken->sides.known);
    if (scale > 0)
        sm_buf_printf(out, ",\"scale\":%.7g", scale);
    free(differences);
}

/* --- A dry run --- */

static int64_t bytes_of(jv value)
{
    struct sm_buf text = {0};
    sm_json_value(&text, value);
    int64_t bytes = (int64_t)text.len;
    sm_buf_release(&text);
    return bytes;
}

/* The longest conversation and the longest reply of the rows. */
static void longest(const struct rows *rows, int64_t *context, int64_t *reply)
{
    *context = *reply = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const struct sm_pair *pair = rows->at[i].pair;
        const int64_t bytes[] = {bytes_of(pair->chosen), bytes_of(pair->rejected)};
        int64_t asked = bytes_of(pair->context);
        *context = asked > *context ? asked : *context;
        for (int k = 0; k < REPLIES; k++)
            *reply = bytes[k] > *reply ? bytes[k] : *reply;
    }
}

static int64_t longest_persona(const struct search_state *state)
{
    if (state->persona)
        return (int64_t)strlen(state->persona);
    return state->foreseen
               ? PERSONA_BYTES_PER_TOKEN * sm_llm_config(state->search->asker.llm)->max_tokens
               : 0;
}

static int64_t longest_prompt(const struct search_state *state)
{
    int64_t labeled = state->search->options.max_labeled, train = (int64_t)state->train.count;
    int64_t known, chosen, context, reply;
    longest(&state->train, &known, &chosen);
    longest(&state->val, &context, &reply);
    return longest_persona(state) + (labeled < train ? labeled : train) * (known + chosen) +
           context + reply;
}

/* What the rows that `nearest` was not asked take at least, with nothing known of the user. */
static void plan_least(const struct search_state *state, const struct trial *nearest,
                       struct sm_plan_bound *least)
{
    size_t sides = sides_of(state, nearest, state->persona != NULL);
    size_t asked = nearest->phase == PHASE_VALIDATE ? nearest->asked : 0;
    int64_t bytes = 0;
    for (size_t i = asked; i < state->val.count; i++) {
        const struct sm_pair *pair = state->val.at[i].pair;
        bytes +=
            REPLIES * bytes_of(pair->context) + bytes_of(pair->chosen) + bytes_of(pair->rejected);
    }
    sm_plan_add(least, false, (int64_t)((state->val.count - asked) * REPLIES * sides),
                (int64_t)sides * bytes, 1);
}

static void plan_likelihoods(struct search_state *state, const struct trial *nearest, int64_t calls,
                             int64_t expected, struct sm_plan *plan)
{
    int64_t context, reply;
    longest(&state->val, &context, &reply);
    plan_least(state, nearest, &plan->least);
    sm_plan_expect(plan, expected, expected * longest_prompt(state) / 2, 1);
    sm_plan_add(&plan->most, true, calls, calls * longest_prompt(state), reply);
}

const struct oracle sm_search_by_likelihood = {.open = open_likelihoods,
                                               .prepare = prepare_sides,
                                               .calls = most_calls,
                                               .ask = ask_rewards,
                                               .write = write_rewards,
                                               .write_won = write_won,
                                               .plan = plan_likelihoods};
