/* The client's transfers: which waiting call may start, what the endpoint's answer or its absence
 * means, and when it is tried again. */
#include "lib/llm/internal/client.h"

#include "lib/base/mem.h"
#include "lib/llm/provider.h"

#include <math.h>
#include <strings.h>

#define RETRIES_MAX 8
#define CONNECT_TRIES_MAX 4 /* while nothing was ever heard of the endpoint */
#define ELSEWHERE_MS 50     /* between looks at a request that another process has under way */
#define BYTES_PER_TOKEN 4   /* of a prompt that is not counted yet, about */
#define BYTES_PER_TOKEN_LEAST 2

static double now_ms(const struct sm_llm *llm)
{
    return sm_clock_ms(llm->config.clock);
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
    call->begun_ms = now_ms(llm);
    call->tried++;
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body.data);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    curl_multi_add_handle(llm->multi, easy);
    llm->running++;
}

/* When a waiting call may start; INFINITY: not before another one is through. Whether an endpoint
 * is there, and what it refuses, is found out by one call, not by all that could be in flight. */
static double ready_ms(const struct sm_llm *llm, const struct sm_call *call)
{
    bool alone = !llm->endpoint.proven && !llm->eager;
    if (llm->idle_count == 0 || (alone && (llm->running > 0 || (llm->retried && !call->tried))))
        return INFINITY;
    return fmax(call->due_ms, llm->paced_until_ms);
}

/* False: the limits let it go later, or never. */
static bool has_leave(struct sm_llm *llm, struct sm_call *call, double now)
{
    if (!llm->ledger)
        return true;
    int64_t bytes = (int64_t)call->body.len, out = sm_llm_max_tokens_of(llm, call);
    int64_t tokens = bytes / BYTES_PER_TOKEN + out;
    struct sm_usage most = {.in = bytes / BYTES_PER_TOKEN_LEAST, .out = out};
    struct sm_err err = {0};
    double wait = 0;
    enum sm_admission leave = sm_limiter_admit(
        llm->ledger, &call->entry, tokens, sm_price_cost(&llm->config.price, &most), &wait, &err);
    llm->paced_until_ms = leave == SM_ADMIT_LATER ? now + wait : 0;
    if (leave == SM_ADMIT_NEVER && !llm->fatal.message)
        sm_err_set(&llm->fatal, err.code, err.remedy, "%s", err.message);
    sm_err_clear(&err);
    return leave == SM_ADMIT_NOW;
}

/* False: another process asks the same, and its answer is waited for. */
static bool claim(struct sm_llm *llm, struct sm_call *call, double now)
{
    if (!llm->claims || call->claimed)
        return true;
    call->claimed = sm_request_lock_take(llm->claims, call->key);
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

void sm_llm_start_due(struct sm_llm *llm)
{
    double now = now_ms(llm);
    struct sm_call **link = &llm->waiting.first;
    if (*link)
        sm_endpoint_recall(&llm->endpoint);
    while (*link && llm->idle_count > 0 && llm->paced_until_ms <= now) {
        bool outdated = (*link)->lesson != llm->endpoint.lessons;
        if (ready_ms(llm, *link) > now || (!outdated && !claim(llm, *link, now)))
            link = &(*link)->next;
        else if (outdated)
            sm_llm_recompose(llm, sm_llm_dequeue(llm, link));
        else if (answered_elsewhere(llm, *link))
            sm_llm_answer_from_store(llm, sm_llm_dequeue(llm, link));
        else if (!has_leave(llm, *link, now))
            break;
        else
            start(llm, sm_llm_dequeue(llm, link));
    }
}

static double header_number(const struct sm_llm *llm, CURL *easy, const char *name)
{
    struct curl_header *header;
    if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return -1;
    char *end;
    double number = strtod(header->value, &end);
    if (end != header->value && !*end)
        return number;
    time_t date = curl_getdate(header->value, NULL);
    return date < 0 ? -1 : sm_clock_seconds_until(llm->config.clock, date);
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
    double asked = header_number(llm, easy, "retry-after-ms") / 1e3;
    if (asked <= 0)
        asked = header_number(llm, easy, "retry-after");
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
    sm_llm_finish(llm, call);
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

static const char *way_to_reach(const struct sm_endpoint *endpoint, CURLcode result)
{
    if (result == CURLE_PEER_FAILED_VERIFICATION)
        return "if you trust its authority, name that one's certificate in CURL_CA_BUNDLE";
    if (strcmp(endpoint->base, SM_LOCAL_BASE) == 0)
        return "start the server there, give --base-url, or name the model with its provider, as "
               "in openai/gpt-4o-mini (see sm-llm(7))";
    return "start the server, or check --base-url and the proxy (see sm-llm(7))";
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
        fault.kind = SM_FAULT_FATAL;
        sm_err_set(err, SM_EXIT_INPUT, way_to_reach(&llm->endpoint, result), "cannot reach %s: %s",
                   llm->endpoint.base, why);
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
        sm_llm_recompose(llm, call);
    } else if (fault.kind == SM_FAULT_RETRY && call->tried <= RETRIES_MAX &&
               !llm->stopped.message && !llm->fatal.message) {
        llm->totals.retries++;
        call->due_ms = now_ms(llm) + delay_ms(llm, easy, call->tried);
        sm_llm_enqueue(llm, call);
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
        .model = sm_llm_model_of(llm, call),
        .sample = call->ask.sample,
        .response = call->response.data,
        .response_len = call->response.len,
        .ms = call->ms,
        .created = sm_clock_unix_s(llm->config.clock),
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

static void settle(struct sm_llm *llm, struct sm_call *call)
{
    const struct sm_usage *usage = &call->completion.usage; /* all-zero unless it was read */
    if (llm->ledger)
        sm_limiter_settle(llm->ledger, &call->entry, usage->in + usage->out,
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
    call->ms = round((now_ms(llm) - call->begun_ms) * 10) / 10;
    llm->running--;
    llm->reached |= status > 0;
    bool answered = result == CURLE_OK && status == 200 && sm_llm_read_completion(call);
    settle(llm, call);
    if (answered) {
        sm_endpoint_prove(&llm->endpoint);
        record(llm, call);
        sm_llm_finish(llm, call);
    } else {
        handle_fault(llm, call, easy, result);
    }
    llm->idle[llm->idle_count++] = easy;
}

void sm_llm_collect(struct sm_llm *llm)
{
    int left;
    curl_multi_perform(llm->multi, &left);
    CURLMsg *message;
    while ((message = curl_multi_info_read(llm->multi, &left))) {
        if (message->msg == CURLMSG_DONE)
            complete(llm, message->easy_handle, message->data.result);
    }
}

int sm_llm_wait_ms(const struct sm_llm *llm, int limit)
{
    if (llm->finished.first)
        return 0;
    double soonest = INFINITY, now = now_ms(llm);
    for (const struct sm_call *c = llm->waiting.first; c && llm->idle_count > 0; c = c->next)
        soonest = fmin(soonest, fmax(0, ready_ms(llm, c) - now));
    if (isinf(soonest))
        return limit;
    int due = (int)fmin(ceil(soonest), 60000);
    return limit >= 0 && limit < due ? limit : due;
}

void sm_llm_poll(struct sm_llm *llm, struct pollfd *extra, unsigned count, int timeout_ms)
{
    struct curl_waitfd fds[4] = {0};
    for (unsigned i = 0; i < count && i < 4; i++) {
        fds[i].fd = extra[i].fd;
        fds[i].events = (short)((extra[i].events & POLLIN ? CURL_WAIT_POLLIN : 0) |
                                (extra[i].events & POLLOUT ? CURL_WAIT_POLLOUT : 0));
    }
    curl_multi_poll(llm->multi, fds, count, timeout_ms < 0 ? 60000 : timeout_ms, NULL);
}

void sm_llm_open_handles(struct sm_llm *llm)
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
