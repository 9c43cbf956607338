#include "cmd/judge/calibration.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/judge/scale.h"

enum { CHOSEN, REJECTED, REPLIES };

/* A known choice, judged as if it were not known. */
struct held_out {
    struct calibration *calibration;
    struct sm_sides sides;
    struct rewards rewards;
};

struct calibration {
    const struct rewarding *rewarding;
    const struct known *known;
    struct held_out *cases;
    size_t count, under_way;
    void (*done)(void *arg);
    void *arg;
};

struct calibration *calibration_open(const struct rewarding *rewarding, const struct known *known)
{
    struct calibration *c = sm_alloc(1, sizeof *c);
    bool list = jv_get_kind(known->choices) == JV_KIND_ARRAY;
    size_t count = list ? (size_t)jv_array_length(jv_copy(known->choices)) : 0;
    *c = (struct calibration){.rewarding = rewarding, .known = known};
    c->count = count > 1 ? count : 0; /* with one there is no history without it */
    c->cases = sm_alloc(c->count, sizeof *c->cases);
    return c;
}

void calibration_close(struct calibration *c)
{
    for (size_t i = 0; c && i < c->count; i++) {
        sm_sides_release(&c->cases[i].sides);
        rewards_release(&c->cases[i].rewards);
    }
    if (c)
        free(c->cases);
    free(c);
}

static void end_case(void *arg)
{
    struct held_out *held = arg;
    struct calibration *c = held->calibration;
    if (--c->under_way == 0)
        c->done(c->arg);
}

/* A choice that says nothing, such as one between texts of which one is empty, may stand in a
 * history, but it can't be judged. */
static bool can_be_judged(const struct sm_rewarder *rewarder, const jv replies[REPLIES])
{
    bool can = true;
    for (int i = 0; i < REPLIES; i++) {
        struct sm_err err = {0};
        char *text = sm_reward_text(rewarder, replies[i], &err);
        can = can && text;
        free(text);
        sm_err_clear(&err);
    }
    return can;
}

static void value_case(struct held_out *held, jv context, const jv replies[REPLIES],
                       const struct known *others)
{
    struct calibration *c = held->calibration;
    held->rewards.done = end_case;
    held->rewards.arg = held;
    held->rewards.failed = !rewarding_sides(c->rewarding, others, &held->sides, &held->rewards.why);
    if (!held->rewards.failed &&
        rewarding_ask(c->rewarding, &held->sides, context, replies, REPLIES, &held->rewards))
        c->under_way++;
}

static void ask_case(struct calibration *c, size_t i)
{
    jv item = jv_array_get(jv_copy(c->known->choices), (int)i);
    const char *preference = sm_json_text(item, "preference", NULL);
    bool second = preference && strcmp(preference, "Second") == 0;
    const jv replies[REPLIES] = {[CHOSEN] = sm_json_get(item, second ? "second" : "first"),
                                 [REJECTED] = sm_json_get(item, second ? "first" : "second")};
    jv context = sm_json_get(item, "context");
    struct known others = {.persona = c->known->persona, .choices = jv_array()};
    for (size_t k = 0; k < c->count; k++) {
        if (k != i)
            others.choices =
                jv_array_append(others.choices, jv_array_get(jv_copy(c->known->choices), (int)k));
    }
    c->cases[i].calibration = c;
    if (can_be_judged(&c->rewarding->rewarder, replies))
        value_case(&c->cases[i], context, replies, &others);
    jv_free(others.choices);
    jv_free(context);
    for (int k = 0; k < REPLIES; k++)
        jv_free(replies[k]);
    jv_free(item);
}

void calibration_ask(struct calibration *c, void (*done)(void *arg), void *arg)
{
    c->done = done;
    c->arg = arg;
    c->under_way++; /* so that it does not end before all is asked */
    for (size_t i = 0; i < c->count; i++)
        ask_case(c, i);
    if (--c->under_way == 0)
        done(arg);
}

enum calibration_state calibration_end(const struct calibration *c, double *scale,
                                       const struct sm_err **why, unsigned *tried)
{
    enum calibration_state state = CALIBRATION_DONE;
    size_t count = c ? c->count : 0, n = 0;
    double *differences = sm_alloc(count, sizeof *differences);
    for (size_t i = 0; i < count && state != CALIBRATION_FAILED; i++) {
        const struct rewards *rewards = &c->cases[i].rewards;
        if (rewards->failed) {
            *why = &rewards->why;
            *tried = rewards->tried;
            state = CALIBRATION_FAILED;
        } else if (rewards->pending) {
            state = CALIBRATION_PENDING;
        } else if (rewards->count) {
            differences[n++] = rewards->replies[CHOSEN].reward - rewards->replies[REJECTED].reward;
        }
    }
    if (c && state == CALIBRATION_DONE)
        *scale = sm_scale_fit(differences, n);
    free(differences);
    return state;
}
