#include "lib/llm/client.h"

#include "lib/base/mem.h"
#include "lib/llm/internal/attempt.h"
#include "lib/llm/internal/intake.h"
#include "lib/llm/internal/request.h"
#include "lib/llm/internal/schedule.h"
#include "lib/llm/internal/transfer.h"

#define LOOK_UP_CALLS 256 /* so many are worth a question to the store's server */
#define AWAY_MS 50        /* between attempts while it is away */

/* The price of a model that a call names; unknown if the file cannot be read any more. */
static struct sm_price price_of(const struct sm_llm *llm, const char *model)
{
    struct sm_price price;
    struct sm_buf name = {0};
    struct sm_err err = {0};
    sm_buf_printf(&name, "%s%s", llm->price_prefix ? llm->price_prefix : "", model);
    sm_price_find(name.data, llm->prices, &price, &err);
    sm_err_clear(&err);
    sm_buf_release(&name);
    return price;
}

static struct sm_model *model_of(struct sm_llm *llm, const struct sm_ask *ask)
{
    if (!ask->model || strcmp(ask->model, llm->model->name) == 0)
        return llm->model;
    struct sm_model *model = sm_models_find(&llm->models, ask->model);
    if (!model->has_price)
        model->price = price_of(llm, model->name);
    model->has_price = true;
    return model;
}

void sm_llm_request(struct sm_llm *llm, const struct sm_ask *ask, struct sm_buf *body)
{
    const struct sm_model *model = model_of(llm, ask);
    sm_request_write(&llm->config, model, model->lacks, ask, body);
}

void sm_llm_ask(struct sm_llm *llm, const struct sm_ask *ask, sm_reply_fn *reply, void *arg)
{
    struct sm_call *call = sm_alloc(1, sizeof *call);
    call->ask = *ask;
    call->model = model_of(llm, ask);
    sm_buf_init(&call->response, SM_COMPLETION_MAX_BYTES);
    call->waiters = sm_alloc(1, sizeof *call->waiters);
    *call->waiters = (struct sm_waiter){.reply = reply, .arg = arg, .first = true};
    llm->totals.waiting++;
    sm_call_take_in(llm, call);
}

/* Answers are read only here, so that recorded and fresh ones go the same way. */
static void tell_waiters(struct sm_llm *llm, struct sm_call *call)
{
    struct sm_reply reply = {.tried = call->tried, .model = call->model->name, .key = call->key};
    if (!call->error.message && !sm_call_read(call))
        sm_err_set(&call->error, SM_EXIT_INPUT, NULL, "the recorded answer cannot be read");
    if (call->error.message) {
        reply.error = &call->error;
    } else {
        reply.completion = call->ask.post ? NULL : &call->completion;
        reply.response = call->response.data;
        reply.response_len = call->response.len;
        reply.ms = call->ms;
    }
    bool counted = !(call->ask.post && call->ask.post->transient);
    bool pending = reply.error && reply.error->code == SM_EXIT_PENDING;
    for (struct sm_waiter *w = call->waiters; w; w = w->next) {
        llm->totals.waiting--;
        llm->totals.pending += pending && w->first;
        llm->totals.failed += reply.error && !pending;
        llm->totals.hits += counted && !reply.error && call->stored;
        llm->totals.shared += counted && !reply.error && !call->stored && !w->first;
        w->reply(w->arg, &reply);
    }
}

static size_t deliver_finished(struct sm_llm *llm)
{
    size_t n = 0;
    while (llm->finished.first) {
        struct sm_call *call = sm_queue_take(&llm->finished);
        sm_call_unlock(llm, call); /* the last turn committed its answer */
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
        sm_call_fail(llm, sm_call_dequeue(llm, llm->waiting.first), why);
    for (; llm->incoming.first; llm->incoming_count--)
        sm_call_fail(llm, sm_queue_take(&llm->incoming), why);
}

bool sm_llm_turn(struct sm_llm *llm, struct pollfd *extra, unsigned count, int timeout_ms,
                 struct sm_err *err)
{
    sm_calls_look_up(llm);
    if (deliver_finished(llm) > 0)
        timeout_ms = 0;
    sm_schedule_start(llm);
    sm_attempts_collect(llm);
    if (llm->fatal.message)
        fail_waiting(llm, &llm->fatal);
    if (llm->store && !sm_store_commit(llm->store, err))
        return false;
    int wait = sm_schedule_wait_ms(llm, llm->incoming.first ? AWAY_MS : timeout_ms);
    if (wait != 0)
        sm_transfers_poll(llm, extra, count, wait);
    return true;
}

void sm_llm_skip_probe(struct sm_llm *llm)
{
    llm->skips_probe = true;
}

void sm_llm_stop(struct sm_llm *llm)
{
    sm_err_set(&llm->stopped, SM_EXIT_PARTIAL, NULL, "interrupted");
    fail_waiting(llm, &llm->stopped);
}

const struct sm_err *sm_llm_fatal(const struct sm_llm *llm)
{
    return llm->fatal.message ? &llm->fatal : NULL;
}

void sm_llm_forgive(struct sm_llm *llm)
{
    sm_err_clear(&llm->fatal);
}

struct sm_llm_totals sm_llm_totals(const struct sm_llm *llm)
{
    struct sm_llm_totals totals = llm->totals;
    if (totals.calls == 0)
        totals.cost = sm_llm_cost(llm, &totals.usage); /* 0, or unknown */
    return totals;
}

size_t sm_llm_backlog(const struct sm_llm *llm)
{
    return llm->waiting.count + llm->finished.count +
           (llm->incoming_count < LOOK_UP_CALLS ? 0 : llm->incoming_count);
}

void sm_llm_unsupported(const struct sm_llm *llm, struct sm_buf *out)
{
    sm_model_unsupported(llm->model, out);
}

double sm_llm_cost(const struct sm_llm *llm, const struct sm_usage *usage)
{
    return sm_price_cost(&llm->config.price, usage);
}

const struct sm_llm_config *sm_llm_config(const struct sm_llm *llm)
{
    return &llm->config;
}

const char *sm_llm_whose(const struct sm_llm *llm)
{
    return llm->endpoint.whose;
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
    sm_endpoint_init(&llm->endpoint, config);
    sm_models_init(&llm->models, store, llm->endpoint.identity, config->forget);
    llm->model = sm_models_find(&llm->models, config->model ? config->model : "");
    llm->model->price = config->price;
    llm->model->has_price = true;
    llm->prices = config->prices ? sm_strdup(config->prices) : NULL;
    llm->price_prefix = config->price_prefix ? sm_strdup(config->price_prefix) : NULL;
    if (config->reasoning)
        sm_model_is_reasoning(llm->model);
    sm_waiting_init(&llm->waiting);
    sm_queue_init(&llm->incoming);
    sm_queue_init(&llm->finished);
    sm_rng_seed(&llm->jitter, sm_clock_unix_ms(config->clock));
    sm_transfers_open(llm);
    llm->locks = store ? sm_request_locks_open(store, config->pipe) : NULL;
    sm_servers_open(&llm->servers, config, llm->endpoint.identity, store, llm->model->name);
    if (config->mode == SM_LLM_BATCH &&
        !(llm->batch = sm_batch_open(config->batch, config->batch_form, store, err))) {
        sm_llm_close(llm);
        return NULL;
    }
    return llm;
}

void sm_llm_close(struct sm_llm *llm)
{
    if (!llm)
        return;
    sm_transfers_close(llm);
    sm_waiting_release(&llm->waiting);
    sm_queue_clear(&llm->incoming);
    sm_queue_clear(&llm->finished);
    sm_request_locks_close(llm->locks);
    sm_servers_close(&llm->servers);
    sm_batch_close(llm->batch);
    sm_models_release(&llm->models);
    sm_endpoint_release(&llm->endpoint);
    sm_err_clear(&llm->fatal);
    sm_err_clear(&llm->stopped);
    free(llm->prices);
    free(llm->price_prefix);
    free(llm);
    curl_global_cleanup();
}
