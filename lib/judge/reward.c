#include "lib/judge/reward.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"

#include <math.h>

#define PROGRAM "likelihood"
#define FINEST 1e9 /* parts of 1 that differ; log probabilities are kept with 7 digits */
enum { POSITIVE, NEGATIVE, SIDES };

/* A reply, asked of on one side or both. */
struct valuation {
    const struct sm_rewarder *rewarder;
    int under_way;
    double value[SIDES];
    struct sm_reward sum;
    struct sm_err err; /* of the first that failed */
    sm_reward_fn *done;
    void *arg;
};

struct side {
    struct valuation *valuation;
    int which;
};

static const char *const contrast_names[SM_CONTRASTS] = {"rejected", "nothing", "off"};

const char *sm_contrast_name(enum sm_contrast contrast)
{
    return contrast_names[contrast];
}

enum sm_contrast sm_contrast_of(const char *name)
{
    enum sm_contrast contrast = SM_CONTRAST_REJECTED;
    for (int i = 0; i < SM_CONTRASTS; i++)
        contrast = strcmp(name, contrast_names[i]) == 0 ? (enum sm_contrast)i : contrast;
    return contrast;
}

/* The known conversation with one of its replies. */
static jv known_case(jv item, bool chosen)
{
    const char *preference = sm_json_text(item, "preference", NULL);
    bool second = preference && strcmp(preference, "Second") == 0;
    jv object = jv_object_set(jv_object(), jv_string("context"), sm_json_get(item, "context"));
    return jv_object_set(object, jv_string("reply"),
                         sm_json_get(item, second == chosen ? "second" : "first"));
}

static bool add_known(const struct sm_rewarder *r, jv known, bool chosen, struct sm_buf *out,
                      struct sm_err *err)
{
    int n = jv_get_kind(known) == JV_KIND_ARRAY ? jv_array_length(jv_copy(known)) : 0;
    bool ok = true;
    for (int i = 0; ok && i < n; i++) {
        jv item = jv_array_get(jv_copy(known), i);
        ok = sm_prompts_messages(r->prompts, PROGRAM, "demo", known_case(item, chosen), out, err);
        jv_free(item);
    }
    return ok;
}

bool sm_sides_init(struct sm_sides *sides, const struct sm_rewarder *r, const char *persona,
                   jv known, struct sm_err *err)
{
    bool list = jv_get_kind(known) == JV_KIND_ARRAY;
    jv text = persona ? jv_string(persona) : jv_null();
    *sides = (struct sm_sides){.persona = persona != NULL,
                               .known = list ? (size_t)jv_array_length(jv_copy(known)) : 0};
    sides->contrasted = r->contrast != SM_CONTRAST_OFF && (sides->persona || sides->known > 0);
    sm_buf_char(&sides->positive, '[');
    sm_buf_char(&sides->negative, '[');
    return sm_prompts_messages(r->prompts, PROGRAM, "system",
                               jv_object_set(jv_object(), jv_string("persona"), text),
                               &sides->positive, err) &&
           add_known(r, known, true, &sides->positive, err) &&
           (r->contrast != SM_CONTRAST_REJECTED ||
            add_known(r, known, false, &sides->negative, err));
}

void sm_sides_release(struct sm_sides *sides)
{
    sm_buf_release(&sides->positive);
    sm_buf_release(&sides->negative);
}

int sm_sides_count(const struct sm_sides *sides)
{
    return sides->contrasted ? SIDES : 1;
}

/* Without what adding in another order would change, so that equal rewards are equal. No zero has a
 * sign. */
static double without_noise(double reward)
{
    return round(reward * FINEST) / FINEST + 0.0;
}

static void end_valuation(struct valuation *v)
{
    v->sum.reward = without_noise(v->value[POSITIVE] - v->value[NEGATIVE]);
    v->sum.error = v->err.message ? &v->err : NULL;
    v->done(v->arg, &v->sum);
    sm_err_clear(&v->err);
    free(v);
}

static void take_side(void *arg, const struct sm_likelihood_answer *answer)
{
    struct side *side = arg;
    struct valuation *v = side->valuation;
    if (answer->error && !v->err.message)
        sm_err_set(&v->err, answer->error->code, answer->error->remedy, "%s",
                   answer->error->message);
    if (!answer->error) {
        v->value[side->which] =
            v->rewarder->per_token ? answer->sum / (double)answer->tokens : answer->sum;
        v->sum.tokens = answer->tokens;
        v->sum.model = answer->model;
        v->sum.ms += answer->ms;
        sm_usage_add(&v->sum.usage, &answer->usage);
    }
    v->sum.tried = answer->tried > v->sum.tried ? answer->tried : v->sum.tried;
    free(side);
    if (--v->under_way == 0)
        end_valuation(v);
}

/* The text that the program's entry makes of `input` (consumed), for the caller to free. NULL with
 * `err`: it makes none. */
static char *text_of(const struct sm_rewarder *r, const char *entry, jv input, struct sm_err *err)
{
    jv value = sm_prompts_value(r->prompts, PROGRAM, entry, input, err);
    bool is_text = jv_get_kind(value) == JV_KIND_STRING;
    if (is_text && strlen(jv_string_value(value)) < (size_t)jv_string_length_bytes(jv_copy(value)))
        is_text =
            sm_err_set(err, SM_EXIT_PARTIAL, "leave the pair out", "a text with a NUL character");
    char *text = is_text ? sm_strdup(jv_string_value(value)) : NULL;
    if (!is_text && !err->message)
        sm_err_set(err, SM_EXIT_INPUT, "see sm-prompts(5)",
                   "the prompt program " PROGRAM " gives no text for `%s`", entry);
    jv_free(value);
    return text;
}

char *sm_reward_text(const struct sm_rewarder *r, jv reply, struct sm_err *err)
{
    jv input = jv_object_set(jv_object(), jv_string("reply"), jv_copy(reply));
    char *text = text_of(r, "reply", input, err);
    if (!text || *text)
        return text;
    free(text);
    sm_err_set(err, SM_EXIT_PARTIAL, "leave it out", "an empty reply");
    return NULL;
}

/* Fills in the conversation, as messages and as text. */
static bool write_conversation(const struct sm_rewarder *r, const struct sm_buf *head, jv context,
                               struct sm_likelihood_ask *ask, struct sm_err *err)
{
    struct sm_buf messages = {0};
    jv list = jv_invalid();
    jv input = jv_object_set(jv_object(), jv_string("context"), jv_copy(context));
    sm_buf_add(&messages, head->data, head->len);
    bool ok = sm_prompts_messages(r->prompts, PROGRAM, "question", input, &messages, err);
    sm_buf_char(&messages, ']');
    ok = ok && sm_json_parse(messages.data, messages.len, &list, err);
    if (ok)
        ask->transcript =
            text_of(r, "transcript", jv_object_set(jv_object(), jv_string("messages"), list), err);
    ask->messages = sm_buf_take(&messages);
    return ok && ask->transcript;
}

static void release_ask(struct sm_likelihood_ask *ask)
{
    free(ask->messages);
    free(ask->transcript);
    free(ask->reply);
}

static bool write_asks(const struct sm_rewarder *r, const struct sm_sides *sides, jv context,
                       jv reply, struct sm_likelihood_ask asks[SIDES], struct sm_err *err)
{
    const struct sm_buf *heads[SIDES] = {&sides->positive, &sides->negative};
    bool ok = true;
    for (int i = 0; ok && i < sm_sides_count(sides); i++) {
        asks[i].reply = sm_reward_text(r, reply, err);
        ok = asks[i].reply && write_conversation(r, heads[i], context, &asks[i], err);
    }
    return ok;
}

bool sm_reward_ask(const struct sm_rewarder *r, const struct sm_sides *sides, jv context, jv reply,
                   sm_reward_fn *done, void *arg, struct sm_err *err)
{
    struct sm_likelihood_ask asks[SIDES] = {0};
    if (!write_asks(r, sides, context, reply, asks, err)) {
        for (int i = 0; i < SIDES; i++)
            release_ask(&asks[i]);
        return false;
    }
    struct valuation *v = sm_alloc(1, sizeof *v);
    *v = (struct valuation){.rewarder = r, .done = done, .arg = arg};
    v->under_way = sm_sides_count(sides);
    for (int i = 0, n = v->under_way; i < n; i++) {
        struct side *side = sm_alloc(1, sizeof *side);
        *side = (struct side){v, i};
        sm_likelihood_ask(r->likelihood, &asks[i], take_side, side);
    }
    return true;
}
