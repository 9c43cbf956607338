#include "lib/llm/internal/intake.h"

#include "lib/base/mem.h"
#include "lib/llm/internal/request.h"

#include <math.h>

/* The key of a post covers its path, and its identity or body. It differs from any chat's, since no
 * body of a chat begins with a slash. */
static void key_post(const char *whose, const struct sm_ask *ask, char key[SM_KEY_LEN + 1])
{
    struct sm_buf whole = {0};
    sm_buf_printf(&whole, "%s\n", ask->post->path);
    sm_buf_str(&whole, ask->identity ? ask->identity : ask->body);
    sm_store_key(key, whose, ask->sample, whole.data, whole.len);
    sm_buf_release(&whole);
}

/* The key that answers had which were recorded before version 0.2: of the URL, and of the body as
 * it was sent. */
static void key_of_old(const struct sm_llm *llm, const struct sm_call *call,
                       char key[SM_KEY_LEN + 1])
{
    const char *url = llm->endpoint.identity;
    if (call->ask.post)
        key_post(url, &call->ask, key);
    else
        sm_store_key(key, url, call->ask.sample, call->body.data, call->body.len);
}

bool sm_llm_recorded(struct sm_llm *llm, const struct sm_ask *ask)
{
    char key[SM_KEY_LEN + 1], old[SM_KEY_LEN + 1];
    struct sm_answer answer;
    key_post(llm->endpoint.whose, ask, key);
    key_post(llm->endpoint.identity, ask, old);
    const char *const keys[] = {key, old};
    if (llm->store && !llm->config.forget)
        sm_store_look_up(llm->store, keys, 2);
    return llm->store && !llm->config.forget &&
           (sm_store_get(llm->store, key, &answer) || sm_store_get(llm->store, old, &answer));
}

/* The key tells what was asked, not what the model is known to take: the answer then serves
 * whatever is learned of the model later, or elsewhere. */
static void key_chat(const struct sm_llm *llm, struct sm_call *call, unsigned lacks)
{
    struct sm_buf asked = {0};
    const struct sm_buf *body = &call->body;
    if (lacks) {
        sm_request_write(&llm->config, call->model, 0, &call->ask, &asked);
        body = &asked;
    }
    sm_store_key(call->key, llm->endpoint.whose, call->ask.sample, body->data, body->len);
    sm_buf_release(&asked);
}

/* Writes the body as the model is known to take it, and its key. */
static void compose(struct sm_llm *llm, struct sm_call *call)
{
    unsigned lacks = call->model->lacks | call->without;
    call->version = call->model->version;
    sm_buf_clear(&call->body);
    if (call->ask.post) {
        sm_buf_str(&call->body, call->ask.body);
        size_t len = call->body.len, prefix = call->ask.body_prefix;
        call->prefix_len = prefix < len ? prefix : len;
        key_post(llm->endpoint.whose, &call->ask, call->key);
        return;
    }
    call->prefix_len = sm_request_write(&llm->config, call->model, lacks, &call->ask, &call->body);
    key_chat(llm, call, lacks);
}

void sm_call_enqueue(struct sm_llm *llm, struct sm_call *call)
{
    llm->retried += call->tried > 0;
    call->model->retried += call->tried > 0;
    sm_waiting_add(&llm->waiting, call);
}

struct sm_call *sm_call_dequeue(struct sm_llm *llm, struct sm_call *call)
{
    sm_waiting_take(&llm->waiting, call);
    llm->retried -= call->tried > 0;
    call->model->retried -= call->tried > 0;
    return call;
}

void sm_call_unlock(struct sm_llm *llm, struct sm_call *call)
{
    if (call->locked)
        sm_request_lock_drop(llm->locks, call->key);
    call->locked = false;
}

void sm_call_finish(struct sm_llm *llm, struct sm_call *call)
{
    sm_queue_add(&llm->finished, call);
}

void sm_call_fail(struct sm_llm *llm, struct sm_call *call, const struct sm_err *why)
{
    sm_err_set(&call->error, why->code, why->remedy, "%s", why->message);
    sm_call_finish(llm, call);
}

/* Where a member was left out, what that means for the user. */
static void tell_lesson(const struct sm_llm *llm, const struct sm_model *model, enum sm_param param)
{
    static const char *const instead[SM_PARAM_COUNT] = {
        [SM_PARAM_FORMAT] = "replies are asked for in words",
        [SM_PARAM_MAX_TOKENS] = "it is sent as max_completion_tokens",
        [SM_PARAM_N] = "each vote is asked for singly",
        [SM_PARAM_SYSTEM_ROLE] = "instructions go into the first message of the user's",
    };
    struct sm_buf text = {0};
    sm_buf_printf(&text,
                  "%s takes no %s for model %s: %s (sm-cache forget --endpoint %s undoes it)",
                  llm->endpoint.base, sm_param_name(param), model->name,
                  instead[param] ? instead[param] : "it is left out", llm->endpoint.identity);
    llm->config.tell(llm->config.tell_arg, text.data);
    sm_buf_release(&text);
}

void sm_call_learn(struct sm_llm *llm, struct sm_call *call)
{
    if (!call->without || call->ask.post)
        return;
    unsigned new = sm_model_learn(&llm->models, call->model, call->without);
    call->without = 0;
    for (int i = 0; llm->config.tell && i < SM_PARAM_COUNT; i++) {
        if (new & 1u << i)
            tell_lesson(llm, call->model, i);
    }
}

static bool take_recorded(struct sm_llm *llm, struct sm_call *call, const char *key)
{
    struct sm_answer answer;
    if (!sm_store_get(llm->store, key, &answer))
        return false;
    sm_buf_clear(&call->response); /* of an attempt before */
    sm_buf_add(&call->response, answer.response, answer.response_len);
    call->ms = answer.ms;
    call->stored = true;
    return true;
}

/* An old answer is given its new key when it is met. */
static bool take_old(struct sm_llm *llm, struct sm_call *call)
{
    char key[SM_KEY_LEN + 1];
    if (!sm_store_had_answers(llm->store))
        return false;
    key_of_old(llm, call, key);
    if (!take_recorded(llm, call, key))
        return false;
    sm_store_rekey(llm->store, key, call->key);
    return true;
}

bool sm_call_answer_from_store(struct sm_llm *llm, struct sm_call *call)
{
    bool transient = call->ask.post && call->ask.post->transient;
    if (transient || !llm->store || llm->config.forget ||
        (!take_recorded(llm, call, call->key) && !take_old(llm, call)))
        return false;
    sm_call_finish(llm, call);
    return true;
}

/* Gives the waiters of `call` to an identical request that is already under way. */
static bool join_identical(struct sm_llm *llm, struct sm_call *call)
{
    struct sm_call *twin = sm_call_find(&llm->calls, call->key);
    if (!twin)
        return false;
    struct sm_waiter **end = &twin->waiters;
    while (*end)
        end = &(*end)->next;
    *end = call->waiters;
    call->waiters = NULL;
    for (struct sm_waiter *w = *end; w; w = w->next)
        w->first = false;
    sm_call_free(call);
    return true;
}

static bool add_to_batch(struct sm_llm *llm, const struct sm_call *call, struct sm_err *err)
{
    struct sm_answer asked = {
        .endpoint = llm->endpoint.identity, .model = call->model->name, .sample = call->ask.sample};
    memcpy(asked.key, call->key, sizeof asked.key);
    return !llm->batch || sm_batch_add(llm->batch, &asked, call->body.data, call->body.len, err);
}

/* A bound is priced as the client's own model; what another one costs more is added. */
static void add_more(const struct sm_llm *llm, const struct sm_call *call,
                     const struct sm_plan_bound *part, bool cached, struct sm_plan_bound *sum)
{
    if (call->model != llm->model)
        sum->more += sm_plan_cost(&call->model->price, part, cached) -
                     sm_plan_cost(&llm->config.price, part, cached);
}

static void plan_call(struct sm_llm *llm, const struct sm_call *call, int64_t bytes,
                      int64_t max_tokens)
{
    struct sm_plan part = {0}, *plan = &llm->totals.plan;
    sm_plan_add(&part.least, false, 1, bytes, max_tokens);
    sm_plan_expect(&part, 1, bytes, max_tokens);
    sm_plan_add(&part.most, true, 1, bytes, max_tokens);
    sm_plan_sum(plan, &part);
    add_more(llm, call, &part.least, true, &plan->least);
    add_more(llm, call, &part.typical, false, &plan->typical);
    add_more(llm, call, &part.most, false, &plan->most);
}

/* Leaves the call to a batch, or only counts it. */
static void postpone(struct sm_llm *llm, struct sm_call *call)
{
    const char *prompt = call->ask.post ? call->ask.body : call->ask.messages;
    int64_t bytes = (int64_t)strlen(prompt);
    int64_t max_tokens =
        sm_request_max_tokens(&llm->config, &call->ask) * sm_request_replies(&call->ask);
    struct sm_err err = {0};
    if (!add_to_batch(llm, call, &err)) {
        sm_call_fail(llm, call, &err);
        if (err.code != SM_EXIT_PARTIAL && !llm->fatal.message) /* else it is this request alone */
            sm_err_set(&llm->fatal, err.code, err.remedy, "%s", err.message);
        sm_err_clear(&err);
        return;
    }
    plan_call(llm, call, bytes, max_tokens);
    sm_err_set(&call->error, SM_EXIT_PENDING, NULL, "waits for an answer");
    sm_call_finish(llm, call);
}

static void fail_unrecorded(struct sm_llm *llm, struct sm_call *call)
{
    sm_err_set(&call->error, SM_EXIT_REPLAY,
               "leave out --replay, or use the model, options and prompts of the recording",
               "no recorded answer for this request");
    sm_call_finish(llm, call);
}

static void fail_unpriced(struct sm_llm *llm, struct sm_call *call)
{
    sm_err_set(&call->error, SM_EXIT_USAGE, "give it with --prices FILE",
               "--max-cost: the price of %s is not known", call->model->name);
    sm_call_finish(llm, call);
}

static void hand_on(struct sm_llm *llm, struct sm_call *call)
{
    const struct sm_err *why = llm->fatal.message ? &llm->fatal : &llm->stopped;
    if (sm_call_answer_from_store(llm, call))
        return;
    if (why->message)
        sm_call_fail(llm, call, why);
    else if (llm->config.limits.max_cost > 0 && isnan(call->model->price.in))
        fail_unpriced(llm, call);
    else if (llm->config.mode == SM_LLM_REPLAY)
        fail_unrecorded(llm, call);
    else if (llm->config.mode != SM_LLM_SEND)
        postpone(llm, call);
    else
        sm_call_enqueue(llm, call);
}

void sm_call_take_in(struct sm_llm *llm, struct sm_call *call)
{
    compose(llm, call);
    if (join_identical(llm, call))
        return;
    sm_call_link(&llm->calls, call);
    if (!llm->store || !sm_store_asks_for_many(llm->store)) {
        hand_on(llm, call);
        return;
    }
    sm_queue_add(&llm->incoming, call);
    llm->incoming_count++;
}

/* Under each key that it may be recorded by. */
static size_t name_keys(const struct sm_llm *llm, const struct sm_call *call,
                        char (*keys)[SM_KEY_LEN + 1])
{
    memcpy(keys[0], call->key, sizeof keys[0]);
    if (!sm_store_had_answers(llm->store))
        return 1;
    key_of_old(llm, call, keys[1]);
    return 2;
}

void sm_calls_look_up(struct sm_llm *llm)
{
    size_t n = 0, room = 2 * llm->incoming_count;
    if (room == 0)
        return;
    char(*keys)[SM_KEY_LEN + 1] = sm_alloc(room, sizeof *keys);
    const char **names = sm_alloc(room, sizeof *names);
    for (const struct sm_call *call = llm->incoming.first; call; call = call->next)
        n += name_keys(llm, call, keys + n);
    for (size_t i = 0; i < n; i++)
        names[i] = keys[i];
    bool known = sm_store_look_up(llm->store, names, n);
    while (known && llm->incoming.first) {
        llm->incoming_count--;
        hand_on(llm, sm_queue_take(&llm->incoming));
    }
    free(names);
    free(keys);
}

void sm_call_take_back(struct sm_llm *llm, struct sm_call *call)
{
    sm_call_unlock(llm, call);
    sm_call_unlink(&llm->calls, call);
    sm_call_take_in(llm, call);
}
