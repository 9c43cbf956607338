#include "llm.h"

#include "batch.h"
#include "call.h"
#include "claim.h"
#include "endpoint.h"
#include "mem.h"
#include "rng.h"

#include <math.h>
#include <strings.h>
#include <time.h>

#define RETRIES_MAX 8
#define CONNECT_TRIES_MAX 4 /* while nothing was ever heard of the endpoint */
#define ELSEWHERE_MS 50     /* between looks at a request that another process has under way */
#define RESPONSE_MAX_BYTES ((size_t)64 << 20)
#define BYTES_PER_TOKEN 4 /* of a prompt that is not counted yet, about */
#define BYTES_PER_TOKEN_LEAST 2

struct sm_llm {
    struct sm_llm_config config;
    struct sm_endpoint endpoint;
    struct sm_store *store;
    struct sm_ledger *ledger; /* NULL: nothing is limited */
    struct sm_claims *claims; /* NULL: nobody shares the store */
    struct sm_batch *batch;   /* or NULL */
    CURLM *multi;
    CURL **idle;
    long idle_count, running;
    struct sm_queue waiting, finished;
    struct sm_call_table calls;
    size_t retried;        /* waiting calls that were tried before */
    bool reached;          /* the endpoint has answered something in this run */
    double paced_until_ms; /* the limits let nothing go before */
    struct sm_err fatal, stopped;
    struct sm_llm_totals totals;
    struct sm_rng jitter;
};

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

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

static void enqueue(struct sm_llm *llm, struct sm_call *call)
{
    llm->retried += call->tried > 0;
    sm_queue_add(&llm->waiting, call);
}

static struct sm_call *dequeue(struct sm_llm *llm, struct sm_call **link)
{
    struct sm_call *call = sm_queue_take(&llm->waiting, link);
    llm->retried -= call->tried > 0;
    return call;
}

static void drop_claim(struct sm_llm *llm, struct sm_call *call)
{
    if (call->claimed)
        sm_claim_drop(llm->claims, call->key);
    call->claimed = false;
}

static void finish(struct sm_llm *llm, struct sm_call *call)
{
    sm_queue_add(&llm->finished, call);
}

static void fail(struct sm_llm *llm, struct sm_call *call, const struct sm_err *why)
{
    sm_err_set(&call->error, why->code, why->remedy, "%s", why->message);
    finish(llm, call);
}

/* True if the store knew the answer, and the call is finished. */
static bool answer_from_store(struct sm_llm *llm, struct sm_call *call)
{
    struct sm_answer answer;
    if (!llm->store || llm->config.forget || !sm_store_get(llm->store, call->key, &answer))
        return false;
    sm_buf_add(&call->response, answer.response, answer.response_len);
    call->ms = answer.ms;
    call->stored = true;
    finish(llm, call);
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

static const char *model_of(const struct sm_llm *llm, const struct sm_call *call)
{
    return call->ask.model ? call->ask.model : llm->endpoint.model;
}

static long max_tokens_of(const struct sm_llm *llm, const struct sm_call *call)
{
    return call->ask.max_tokens ? call->ask.max_tokens : llm->config.max_tokens;
}

/* The call is left to a batch, or only planned. */
static void postpone(struct sm_llm *llm, struct sm_call *call)
{
    static const struct sm_err pending = {.code = SM_EXIT_PENDING,
                                          .message = (char *)"waits for an answer"};
    struct sm_answer asked = {.endpoint = llm->endpoint.identity,
                              .model = model_of(llm, call),
                              .sample = call->ask.sample};
    struct sm_err err = {0};
    int64_t bytes = (int64_t)strlen(call->ask.messages);
    memcpy(asked.key, call->key, sizeof asked.key);
    if (llm->batch && !sm_batch_add(llm->batch, &asked, call->body.data, call->body.len, &err)) {
        sm_err_set(&llm->fatal, err.code, err.remedy, "%s", err.message);
        fail(llm, call, &llm->fatal);
    } else {
        sm_plan_add(&llm->totals.plan.least, false, 1, bytes, max_tokens_of(llm, call));
        sm_plan_add(&llm->totals.plan.most, true, 1, bytes, max_tokens_of(llm, call));
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
    if (answer_from_store(llm, call))
        return;
    if (why->message)
        fail(llm, call, why);
    else if (llm->config.mode == SM_LLM_REPLAY)
        fail(llm, call, &miss);
    else if (llm->config.mode != SM_LLM_SEND)
        postpone(llm, call);
    else
        enqueue(llm, call);
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

static size_t take_bytes(char *data, size_t size, size_t count, void *arg)
{
    struct sm_call *call = arg;
    return sm_buf_add(&call->response, data, size * count) ? size * count : 0;
}

static void start(struct sm_llm *llm, struct sm_call *call)
{
    CURL *easy = llm->idle[--llm->idle_count];
    sm_buf_clear(&call->response);
    call->easy = easy;
    call->begun_ms = now_ms();
    call->tried++;
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body.data);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    curl_multi_add_handle(llm->multi, easy);
    llm->running++;
}

/* Writes the request anew, as the endpoint is now known to take it. */
static void recompose(struct sm_llm *llm, struct sm_call *call)
{
    drop_claim(llm, call);
    sm_call_unlink(&llm->calls, call);
    compose(llm, call);
    admit(llm, call);
}

/* When a waiting call may start; INFINITY: not before another one is through. Whether an endpoint
 * is there, and what it refuses, is found out by one call, not by all that could be in flight. */
static double ready_ms(const struct sm_llm *llm, const struct sm_call *call)
{
    bool alone = !llm->endpoint.proven;
    if (llm->idle_count == 0 || (alone && (llm->running > 0 || (llm->retried && !call->tried))))
        return INFINITY;
    return fmax(call->due_ms, llm->paced_until_ms);
}

/* False: the limits let it go later, or never. */
static bool has_leave(struct sm_llm *llm, struct sm_call *call, double now)
{
    if (!llm->ledger)
        return true;
    int64_t bytes = (int64_t)call->body.len, out = max_tokens_of(llm, call);
    int64_t tokens = bytes / BYTES_PER_TOKEN + out;
    struct sm_usage most = {.in = bytes / BYTES_PER_TOKEN_LEAST, .out = out};
    struct sm_err err = {0};
    double wait = 0;
    enum sm_leave leave = sm_ledger_leave(llm->ledger, &call->entry, tokens,
                                          sm_price_cost(&llm->config.price, &most), &wait, &err);
    llm->paced_until_ms = leave == SM_LEAVE_LATER ? now + wait : 0;
    if (leave == SM_LEAVE_NEVER && !llm->fatal.message)
        sm_err_set(&llm->fatal, err.code, err.remedy, "%s", err.message);
    sm_err_clear(&err);
    return leave == SM_LEAVE_NOW;
}

/* False: another process asks the same, and its answer is waited for. */
static bool claim(struct sm_llm *llm, struct sm_call *call, double now)
{
    if (!llm->claims || call->claimed)
        return true;
    call->claimed = sm_claim_take(llm->claims, call->key);
    call->due_ms = call->claimed ? call->due_ms : now + ELSEWHERE_MS;
    return call->claimed;
}

/* Since it was asked for here. */
static bool answered_elsewhere(struct sm_llm *llm, const struct sm_call *call)
{
    struct sm_answer answer;
    return llm->claims && call->tried == 0 && !llm->config.forget &&
           sm_store_get(llm->store, call->key, &answer);
}

static void start_due(struct sm_llm *llm)
{
    double now = now_ms();
    struct sm_call **link = &llm->waiting.first;
    while (*link && llm->idle_count > 0 && llm->paced_until_ms <= now) {
        bool outdated = (*link)->lesson != llm->endpoint.lessons;
        if (ready_ms(llm, *link) > now || (!outdated && !claim(llm, *link, now)))
            link = &(*link)->next;
        else if (outdated)
            recompose(llm, dequeue(llm, link));
        else if (answered_elsewhere(llm, *link))
            answer_from_store(llm, dequeue(llm, link));
        else if (!has_leave(llm, *link, now))
            break;
        else
            start(llm, dequeue(llm, link));
    }
}

static double header_number(CURL *easy, const char *name)
{
    struct curl_header *header;
    if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return -1;
    char *end;
    double number = strtod(header->value, &end);
    if (end != header->value && !*end)
        return number;
    time_t date = curl_getdate(header->value, NULL);
    return date < 0 ? -1 : fmax(0, difftime(date, time(NULL)));
}

static int should_retry(CURL *easy)
{
    struct curl_header *header;
    if (curl_easy_header(easy, "x-should-retry", 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return -1;
    return strcasecmp(header->value, "true") == 0;
}

/* How long to wait before the next attempt: what the endpoint asks for if that is sensible, else
 * doubling from half a second to eight, less up to a quarter so that clients spread out. */
static double delay_ms(struct sm_llm *llm, CURL *easy, unsigned tried)
{
    double asked = header_number(easy, "retry-after-ms") / 1e3;
    if (asked <= 0)
        asked = header_number(easy, "retry-after");
    if (asked > 0 && asked <= 120)
        return asked * 1e3;
    double seconds = fmin(0.5 * ldexp(1, (int)tried - 1), 8);
    return seconds * (1 - 0.25 * sm_rng_double(&llm->jitter)) * 1e3;
}

static bool was_sent(const struct sm_call *call, const char *param)
{
    struct sm_buf member = {0};
    sm_buf_printf(&member, ",\"%s\":", param);
    bool sent = strstr(call->body.data, member.data) != NULL;
    sm_buf_release(&member);
    return sent;
}

static void give_up(struct sm_llm *llm, struct sm_call *call, struct sm_err *err)
{
    if (!err->remedy)
        sm_err_set(err, err->code, "run the same command again: answers already paid for are kept",
                   "%s", (err->message));
    call->error = *err;
    *err = (struct sm_err){0};
    finish(llm, call);
}

/* Nothing was ever heard of this endpoint: it is not there, rather than in trouble. */
static bool unreachable(const struct sm_llm *llm, const struct sm_call *call, CURLcode result)
{
    if (llm->reached)
        return false;
    return result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_CACERT_BADFILE ||
           ((result == CURLE_COULDNT_CONNECT || result == CURLE_COULDNT_RESOLVE_HOST ||
             result == CURLE_COULDNT_RESOLVE_PROXY) &&
            call->tried >= CONNECT_TRIES_MAX);
}

/* What the answer, or its absence, means. */
static struct sm_fault read_fault(struct sm_llm *llm, const struct sm_call *call, CURL *easy,
                                  CURLcode result, struct sm_err *err)
{
    long status = 0;
    if (result == CURLE_OK)
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    const char *why = curl_easy_strerror(result);
    struct sm_fault fault = sm_fault_read(status, call->response.data, call->response.len, why,
                                          should_retry(easy), err);
    if (unreachable(llm, call, result)) {
        bool untrusted = result == CURLE_PEER_FAILED_VERIFICATION;
        fault.kind = SM_FAULT_FATAL;
        sm_err_set(err, SM_EXIT_INPUT,
                   untrusted
                       ? "if you trust its authority, name that one's certificate in "
                         "CURL_CA_BUNDLE"
                       : "start the server, or check --base-url and the proxy (see sm-llm(7))",
                   "cannot reach %s: %s", llm->endpoint.base, why);
    }
    sm_endpoint_hide_secrets(&llm->endpoint, err);
    return fault;
}

static void handle_fault(struct sm_llm *llm, struct sm_call *call, CURL *easy, CURLcode result)
{
    struct sm_err err = {0};
    struct sm_fault fault = read_fault(llm, call, easy, result, &err);
    llm->endpoint.proven |= fault.kind != SM_FAULT_PARAM && llm->reached;
    if (fault.kind == SM_FAULT_FATAL && !llm->fatal.message)
        sm_err_set(&llm->fatal, err.code, err.remedy, "%s", err.message);
    if (fault.kind == SM_FAULT_PARAM && was_sent(call, fault.param)) {
        sm_endpoint_learn(&llm->endpoint, fault.param);
        call->tried--;
        recompose(llm, call);
    } else if (fault.kind == SM_FAULT_RETRY && call->tried <= RETRIES_MAX &&
               !llm->stopped.message && !llm->fatal.message) {
        llm->totals.retries++;
        call->due_ms = now_ms() + delay_ms(llm, easy, call->tried);
        enqueue(llm, call);
    } else {
        give_up(llm, call, &err);
    }
    sm_err_clear(&err);
}

static void record(struct sm_llm *llm, struct sm_call *call)
{
    const struct sm_usage *usage = &call->completion.usage;
    struct sm_answer answer = {
        .endpoint = llm->endpoint.identity,
        .model = model_of(llm, call),
        .sample = call->ask.sample,
        .response = call->response.data,
        .response_len = call->response.len,
        .ms = call->ms,
        .created = (int64_t)time(NULL),
        .tokens_in = usage->in,
        .tokens_out = usage->out,
    };
    memcpy(answer.key, call->key, sizeof answer.key);
    if (llm->store)
        sm_store_put(llm->store, &answer);
    llm->totals.calls++;
    llm->totals.cost += sm_llm_cost(llm, usage);
    sm_usage_add(&llm->totals.usage, usage);
}

static bool read_completion(struct sm_call *call)
{
    call->read = call->read || sm_completion_parse(sm_buf_text(&call->response), call->response.len,
                                                   &call->completion);
    return call->read;
}

static void settle(struct sm_llm *llm, struct sm_call *call)
{
    const struct sm_usage *usage = &call->completion.usage; /* all-zero unless it was read */
    if (llm->ledger)
        sm_ledger_settle(llm->ledger, &call->entry, usage->in + usage->out,
                         sm_llm_cost(llm, usage));
}

static void complete(struct sm_llm *llm, CURL *easy, CURLcode result)
{
    struct sm_call *call;
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &call);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(llm->multi, easy);
    call->easy = NULL;
    call->ms = round((now_ms() - call->begun_ms) * 10) / 10;
    llm->running--;
    llm->reached |= status > 0;
    bool answered = result == CURLE_OK && status == 200 && read_completion(call);
    settle(llm, call);
    if (answered) {
        sm_endpoint_prove(&llm->endpoint);
        record(llm, call);
        finish(llm, call);
    } else {
        handle_fault(llm, call, easy, result);
    }
    llm->idle[llm->idle_count++] = easy;
}

/* Only now, with the whole reply at hand, is it read: recorded and fresh answers go one way. */
static void tell_waiters(struct sm_llm *llm, struct sm_call *call)
{
    struct sm_reply reply = {.tried = call->tried, .model = model_of(llm, call), .key = call->key};
    static const struct sm_err unreadable = {
        .code = SM_EXIT_INPUT, .message = (char *)"the recorded answer is no completion"};
    if (call->error.message) {
        reply.error = &call->error;
    } else if (!read_completion(call)) {
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
        fail(llm, dequeue(llm, &llm->waiting.first), why);
}

static void collect(struct sm_llm *llm)
{
    int left;
    curl_multi_perform(llm->multi, &left);
    CURLMsg *message;
    while ((message = curl_multi_info_read(llm->multi, &left))) {
        if (message->msg == CURLMSG_DONE)
            complete(llm, message->easy_handle, message->data.result);
    }
    if (llm->fatal.message)
        fail_waiting(llm, &llm->fatal);
}

/* Until a retry is due, if there is a place for it. */
static int wait_ms(const struct sm_llm *llm, int limit)
{
    if (llm->finished.first)
        return 0;
    double soonest = INFINITY, now = now_ms();
    for (const struct sm_call *c = llm->waiting.first; c && llm->idle_count > 0; c = c->next)
        soonest = fmin(soonest, fmax(0, ready_ms(llm, c) - now));
    if (isinf(soonest))
        return limit;
    int due = (int)fmin(ceil(soonest), 60000);
    return limit >= 0 && limit < due ? limit : due;
}

static void poll_transfers(struct sm_llm *llm, struct pollfd *extra, unsigned count, int timeout_ms)
{
    struct curl_waitfd fds[4] = {0};
    for (unsigned i = 0; i < count && i < 4; i++) {
        fds[i].fd = extra[i].fd;
        fds[i].events = (short)((extra[i].events & POLLIN ? CURL_WAIT_POLLIN : 0) |
                                (extra[i].events & POLLOUT ? CURL_WAIT_POLLOUT : 0));
    }
    curl_multi_poll(llm->multi, fds, count, timeout_ms < 0 ? 60000 : timeout_ms, NULL);
}

bool sm_llm_turn(struct sm_llm *llm, struct pollfd *extra, unsigned count, int timeout_ms,
                 struct sm_err *err)
{
    if (deliver(llm) > 0)
        timeout_ms = 0;
    start_due(llm);
    collect(llm);
    if (llm->store && !sm_store_commit(llm->store, err))
        return false;
    int wait = wait_ms(llm, timeout_ms);
    if (wait != 0)
        poll_transfers(llm, extra, count, wait);
    return true;
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

void sm_llm_refused(const struct sm_llm *llm, struct sm_buf *out)
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

static void open_handles(struct sm_llm *llm)
{
    long jobs = llm->config.jobs;
    llm->multi = curl_multi_init();
    if (!llm->multi)
        sm_out_of_memory();
    curl_multi_setopt(llm->multi, CURLMOPT_MAXCONNECTS, jobs);
    curl_multi_setopt(llm->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
    llm->idle = sm_alloc((size_t)jobs, sizeof *llm->idle);
    for (long i = 0; i < jobs; i++) {
        CURL *easy = sm_endpoint_handle(&llm->endpoint);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_bytes);
        llm->idle[llm->idle_count++] = easy;
    }
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
    sm_rng_seed(&llm->jitter, (int64_t)time(NULL));
    open_handles(llm);
    llm->claims = store ? sm_claims_open(sm_store_path(store)) : NULL;
    if (store)
        llm->ledger =
            sm_ledger_open(store, llm->endpoint.identity, llm->endpoint.model, &config->limits);
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
    sm_claims_close(llm->claims);
    sm_ledger_close(llm->ledger);
    sm_batch_close(llm->batch);
    sm_endpoint_release(&llm->endpoint);
    sm_err_clear(&llm->fatal);
    sm_err_clear(&llm->stopped);
    free(llm);
    curl_global_cleanup();
}
