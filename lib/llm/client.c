#include "lib/llm/client.h"

#include "lib/base/mem.h"
#include "lib/llm/internal/client.h"

#define RESPONSE_MAX_BYTES ((size_t)64 << 20)

void sm_llm_request(const struct sm_llm *llm, const struct sm_ask *ask, struct sm_buf *body)
{
    sm_endpoint_request(&llm->endpoint, ask, body);
}

/* Writes the body that the endpoint is known to take, and the key that belongs to it. */
static void compose(struct sm_llm *llm, struct sm_call *call)
{
    call->lesson = llm->endpoint.lessons;
    sm_buf_clear(&call->body);
    sm_endpoint_request(&llm->endpoint, &call->ask, &call->body);
    sm_store_key(call->key, llm->endpoint.identity, call->ask.sample, call->body.data,
                 call->body.len);
}

void sm_llm_enqueue(struct sm_llm *llm, struct sm_call *call)
{
    llm->retried += call->tried > 0;
    sm_queue_add(&llm->waiting, call);
}

struct sm_call *sm_llm_dequeue(struct sm_llm *llm, struct sm_call **link)
{
    struct sm_call *call = sm_queue_take(&llm->waiting, link);
    llm->retried -= call->tried > 0;
    return call;
}

static void drop_claim(struct sm_llm *llm, struct sm_call *call)
{
    if (call->claimed)
        sm_request_lock_drop(llm->claims, call->key);
    call->claimed = false;
}

void sm_llm_finish(struct sm_llm *llm, struct sm_call *call)
{
    sm_queue_add(&llm->finished, call);
}

static void fail(struct sm_llm *llm, struct sm_call *call, const struct sm_err *why)
{
    sm_err_set(&call->error, why->code, why->remedy, "%s", why->message);
    sm_llm_finish(llm, call);
}

/* True if the store knew the answer, and the call is finished. */
bool sm_llm_answer_from_store(struct sm_llm *llm, struct sm_call *call)
{
    struct sm_answer answer;
    if (!llm->store || llm->config.forget || !sm_store_get(llm->store, call->key, &answer))
        return false;
    sm_buf_add(&call->response, answer.response, answer.response_len);
    call->ms = answer.ms;
    call->stored = true;
    sm_llm_finish(llm, call);
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

const char *sm_llm_model_of(const struct sm_llm *llm, const struct sm_call *call)
{
    return call->ask.model ? call->ask.model : llm->endpoint.model;
}

long sm_llm_max_tokens_of(const struct sm_llm *llm, const struct sm_call *call)
{
    return call->ask.max_tokens ? call->ask.max_tokens : llm->config.max_tokens;
}

/* The call is left to a batch, or only planned. */
static void postpone(struct sm_llm *llm, struct sm_call *call)
{
    static const struct sm_err pending = {.code = SM_EXIT_PENDING,
                                          .message = (char *)"waits for an answer"};
    struct sm_answer asked = {.endpoint = llm->endpoint.identity,
                              .model = sm_llm_model_of(llm, call),
                              .sample = call->ask.sample};
    struct sm_err err = {0};
    int64_t bytes = (int64_t)strlen(call->ask.messages);
    memcpy(asked.key, call->key, sizeof asked.key);
    if (llm->batch && !sm_batch_add(llm->batch, &asked, call->body.data, call->body.len, &err)) {
        sm_err_set(&llm->fatal, err.code, err.remedy, "%s", err.message);
        fail(llm, call, &llm->fatal);
    } else {
        sm_plan_add(&llm->totals.plan.least, false, 1, bytes, sm_llm_max_tokens_of(llm, call));
        sm_plan_add(&llm->totals.plan.most, true, 1, bytes, sm_llm_max_tokens_of(llm, call));
        fail(llm, call, &pending);
    }
    sm_err_clear(&err);
}

/* Puts a composed call where it belongs: to its twin, its recorded answer, or the queue. */
static void admit(struct sm_llm *llm, struct sm_call *call)
{
    static const struct sm_err miss = {
        .code = SM_EXIT_REPLAY,
        .message = (char *)"no recorded answer for this request",
        .remedy =
            (char *)"leave out --replay, or use the model, options and prompts of the recording",
    };
    if (join_identical(llm, call))
        return;
    sm_call_link(&llm->calls, call);
    const struct sm_err *why = llm->fatal.message ? &llm->fatal : &llm->stopped;
    if (sm_llm_answer_from_store(llm, call))
        return;
    if (why->message)
        fail(llm, call, why);
    else if (llm->config.mode == SM_LLM_REPLAY)
        fail(llm, call, &miss);
    else if (llm->config.mode != SM_LLM_SEND)
        postpone(llm, call);
    else
        sm_llm_enqueue(llm, call);
}

void sm_llm_ask(struct sm_llm *llm, const struct sm_ask *ask, sm_reply_fn *reply, void *arg)
{
    struct sm_call *call = sm_alloc(1, sizeof *call);
    call->ask = *ask;
    sm_buf_init(&call->response, RESPONSE_MAX_BYTES);
    call->waiters = sm_alloc(1, sizeof *call->waiters);
    *call->waiters = (struct sm_waiter){.reply = reply, .arg = arg, .first = true};
    llm->totals.waiting++;
    compose(llm, call);
    admit(llm, call);
}

/* Writes the request anew, as the endpoint is now known to take it. */
void sm_llm_recompose(struct sm_llm *llm, struct sm_call *call)
{
    drop_claim(llm, call);
    sm_call_unlink(&llm->calls, call);
    compose(llm, call);
    admit(llm, call);
}

bool sm_llm_read_completion(struct sm_call *call)
{
    call->read = call->read || sm_completion_parse(sm_buf_text(&call->response), call->response.len,
                                                   &call->completion);
    return call->read;
}

/* Only now, with the whole reply at hand, is it read: recorded and fresh answers go one way. */
static void tell_waiters(struct sm_llm *llm, struct sm_call *call)
{
    struct sm_reply reply = {
        .tried = call->tried, .model = sm_llm_model_of(llm, call), .key = call->key};
    static const struct sm_err unreadable = {
        .code = SM_EXIT_INPUT, .message = (char *)"the recorded answer is no completion"};
    if (call->error.message) {
        reply.error = &call->error;
    } else if (!sm_llm_read_completion(call)) {
        reply.error = &unreadable;
    } else {
        reply.completion = &call->completion;
        reply.response = call->response.data;
        reply.response_len = call->response.len;
        reply.ms = call->ms;
    }
    bool pending = reply.error && reply.error->code == SM_EXIT_PENDING;
    for (struct sm_waiter *w = call->waiters; w; w = w->next) {
        llm->totals.waiting--;
        llm->totals.pending += pending && w->first;
        llm->totals.failed += reply.error && !pending;
        llm->totals.hits += !reply.error && call->stored;
        llm->totals.shared += !reply.error && !call->stored && !w->first;
        w->reply(w->arg, &reply);
    }
}

static size_t deliver(struct sm_llm *llm)
{
    size_t n = 0;
    while (llm->finished.first) {
        struct sm_call *call = sm_queue_take(&llm->finished, &llm->finished.first);
        drop_claim(llm, call); /* its answer was committed when the last turn ended */
        sm_call_unlink(&llm->calls, call);
        tell_waiters(llm, call);
        sm_call_free(call);
        n++;
    }
    return n;
}

static void fail_waiting(struct sm_llm *llm, const struct sm_err *why)
{
    while (llm->waiting.first)
        fail(llm, sm_llm_dequeue(llm, &llm->waiting.first), why);
}

bool sm_llm_turn(struct sm_llm *llm, struct pollfd *extra, unsigned count, int timeout_ms,
                 struct sm_err *err)
{
    if (deliver(llm) > 0)
        timeout_ms = 0;
    sm_llm_start_due(llm);
    sm_llm_collect(llm);
    if (llm->fatal.message)
        fail_waiting(llm, &llm->fatal);
    if (llm->store && !sm_store_commit(llm->store, err))
        return false;
    int wait = sm_llm_wait_ms(llm, timeout_ms);
    if (wait != 0)
        sm_llm_poll(llm, extra, count, wait);
    return true;
}

void sm_llm_skip_probe(struct sm_llm *llm)
{
    llm->eager = true;
}

void sm_llm_stop(struct sm_llm *llm, const struct sm_err *why)
{
    if (!llm->stopped.message)
        sm_err_set(&llm->stopped, why->code, why->remedy, "%s", why->message);
    fail_waiting(llm, &llm->stopped);
}

const struct sm_err *sm_llm_fatal(const struct sm_llm *llm)
{
    return llm->fatal.message ? &llm->fatal : NULL;
}

struct sm_llm_totals sm_llm_totals(const struct sm_llm *llm)
{
    return llm->totals;
}

size_t sm_llm_backlog(const struct sm_llm *llm)
{
    return llm->waiting.count;
}

void sm_llm_unsupported(const struct sm_llm *llm, struct sm_buf *out)
{
    sm_endpoint_refused(&llm->endpoint, out);
}

double sm_llm_cost(const struct sm_llm *llm, const struct sm_usage *usage)
{
    return sm_price_cost(&llm->config.price, usage);
}

const struct sm_llm_config *sm_llm_config(const struct sm_llm *llm)
{
    return &llm->config;
}

bool sm_llm_models(struct sm_llm *llm, struct sm_buf *names, struct sm_err *err)
{
    return sm_endpoint_models(&llm->endpoint, names, err);
}

struct sm_llm *sm_llm_open(const struct sm_llm_config *config, struct sm_store *store,
                           struct sm_err *err)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        sm_err_set(err, SM_EXIT_INPUT, NULL, "libcurl cannot start");
        return NULL;
    }
    struct sm_llm *llm = sm_alloc(1, sizeof *llm);
    llm->config = *config;
    llm->store = store;
    llm->totals.cost = sm_llm_cost(llm, &llm->totals.usage);
    sm_endpoint_init(&llm->endpoint, config, store);
    sm_queue_init(&llm->waiting);
    sm_queue_init(&llm->finished);
    sm_rng_seed(&llm->jitter, sm_clock_unix_ms(config->clock));
    sm_llm_open_handles(llm);
    llm->claims = store ? sm_request_locks_open(sm_store_path(store)) : NULL;
    if (store)
        llm->ledger =
            sm_limiter_open(store, llm->endpoint.identity, llm->endpoint.model, &config->limits);
    if (config->mode == SM_LLM_BATCH && !(llm->batch = sm_batch_open(config->batch, store, err))) {
        sm_llm_close(llm);
        return NULL;
    }
    return llm;
}

static void end_running(struct sm_llm *llm)
{
    for (size_t i = 0; i < SM_CALL_BUCKETS; i++) {
        while (llm->calls.buckets[i]) {
            struct sm_call *call = llm->calls.buckets[i];
            llm->calls.buckets[i] = call->chain;
            if (!call->easy)
                continue;
            curl_multi_remove_handle(llm->multi, call->easy);
            llm->idle[llm->idle_count++] = call->easy;
            sm_call_free(call);
        }
    }
}

void sm_llm_close(struct sm_llm *llm)
{
    if (!llm)
        return;
    end_running(llm);
    sm_queue_clear(&llm->waiting);
    sm_queue_clear(&llm->finished);
    for (long i = 0; i < llm->idle_count; i++)
        curl_easy_cleanup(llm->idle[i]);
    free(llm->idle);
    curl_multi_cleanup(llm->multi);
    sm_request_locks_close(llm->claims);
    sm_limiter_close(llm->ledger);
    sm_batch_close(llm->batch);
    sm_endpoint_release(&llm->endpoint);
    sm_err_clear(&llm->fatal);
    sm_err_clear(&llm->stopped);
    free(llm);
    curl_global_cleanup();
}
