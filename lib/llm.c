#include "llm.h"

#include "call.h"
#include "completion.h"
#include "json.h"
#include "mem.h"
#include "rng.h"

#include <curl/curl.h>
#include <math.h>
#include <strings.h>
#include <time.h>

#define RETRIES_MAX 8
#define MESSAGE_MAX_BYTES ((size_t)300)
#define RESPONSE_MAX_BYTES ((size_t)64 << 20)
#define CONNECT_TIMEOUT_S 5

enum param { PARAM_FORMAT, PARAM_TEMPERATURE, PARAM_MAX_TOKENS, PARAM_COUNT };
#define ANSWERS "answers" /* the fact that a call was answered */
static const char *const param_names[] = {"response_format", "temperature", "max_tokens"};

struct sm_llm {
    struct sm_llm_config config;
    char *endpoint, *url, *model, *key;
    struct curl_slist *headers;
    struct sm_store *store;
    CURLM *multi;
    CURL **idle;
    long idle_count, running;
    struct sm_queue waiting, finished;
    struct sm_call_table calls;
    bool refused[PARAM_COUNT]; /* learned from the endpoint's errors */
    unsigned lessons;          /* how often something was learned */
    bool proven;               /* the endpoint takes what we send: until then one call at a time */
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
    sm_buf_str(body, "{\"model\":");
    sm_json_cstring(body, llm->model);
    sm_buf_str(body, ",\"messages\":");
    sm_buf_str(body, ask->messages);
    if (!llm->refused[PARAM_TEMPERATURE])
        sm_buf_printf(body, ",\"temperature\":%.10g", ask->temperature);
    sm_buf_printf(body, ",\"%s\":%ld",
                  llm->refused[PARAM_MAX_TOKENS] ? "max_completion_tokens" : "max_tokens",
                  llm->config.max_tokens);
    if (ask->schema && !llm->refused[PARAM_FORMAT]) {
        sm_buf_str(body,
                   ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":");
        sm_json_cstring(body, ask->schema_name);
        sm_buf_printf(body, ",\"strict\":true,\"schema\":%s}}", ask->schema);
    }
    sm_buf_char(body, '}');
}

/* Writes the body that the endpoint is known to take, and the key that belongs to it. */
static void compose(struct sm_llm *llm, struct sm_call *call)
{
    call->lesson = llm->lessons;
    sm_buf_clear(&call->body);
    sm_llm_request(llm, &call->ask, &call->body);
    sm_store_key(call->key, llm->endpoint, call->ask.sample, call->body.data, call->body.len);
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
    if (!llm->store || !sm_store_get(llm->store, call->key, &answer))
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
    else if (llm->config.replay)
        fail(llm, call, &miss);
    else
        sm_queue_add(&llm->waiting, call);
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
    sm_call_unlink(&llm->calls, call);
    compose(llm, call);
    admit(llm, call);
}

/* What an endpoint refuses is found out by one call, not by all that could be in flight. */
static bool may_start(const struct sm_llm *llm)
{
    return llm->idle_count > 0 && (llm->proven || llm->running == 0);
}

static void start_due(struct sm_llm *llm)
{
    double now = now_ms();
    struct sm_call **link = &llm->waiting.first;
    while (*link && may_start(llm)) {
        if ((*link)->due_ms > now)
            link = &(*link)->next;
        else if ((*link)->lesson != llm->lessons)
            recompose(llm, sm_queue_take(&llm->waiting, link));
        else
            start(llm, sm_queue_take(&llm->waiting, link));
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

/* An endpoint may quote the key that it refuses. */
static void hide_key(const struct sm_llm *llm, struct sm_err *err)
{
    size_t len = llm->key ? strlen(llm->key) : 0;
    char *at = err->message;
    while (len && at && (at = strstr(at, llm->key))) {
        memset(at, '*', len);
        at += len;
    }
}

/* Only after hide_key(), which would not find the half of a key. */
static void shorten(struct sm_err *err)
{
    size_t len = err->message ? strlen(err->message) : 0;
    if (len > MESSAGE_MAX_BYTES)
        err->message[sm_utf8_valid(err->message, MESSAGE_MAX_BYTES)] = '\0';
}

static void put_fact(struct sm_llm *llm, const char *name, const char *value)
{
    struct sm_fact fact = {llm->endpoint, llm->model, name, value};
    if (llm->store)
        sm_store_put_fact(llm->store, &fact);
}

static void prove(struct sm_llm *llm)
{
    if (!llm->proven)
        put_fact(llm, ANSWERS, "yes");
    llm->proven = true;
}

static void learn(struct sm_llm *llm, const char *param)
{
    for (int i = 0; i < PARAM_COUNT; i++) {
        if (strcmp(param, param_names[i]) != 0)
            continue;
        llm->lessons += !llm->refused[i];
        llm->refused[i] = true;
        put_fact(llm, param, "refused");
    }
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

static void handle_fault(struct sm_llm *llm, struct sm_call *call, CURL *easy, long status,
                         const char *why)
{
    struct sm_err err = {0};
    struct sm_fault fault = sm_fault_read(status, call->response.data, call->response.len, why,
                                          should_retry(easy), &err);
    hide_key(llm, &err);
    shorten(&err);
    llm->proven |= fault.kind != SM_FAULT_PARAM; /* in this run: its trouble is another one */
    if (fault.kind == SM_FAULT_FATAL && !llm->fatal.message)
        sm_err_set(&llm->fatal, err.code, err.remedy, "%s", err.message);
    if (fault.kind == SM_FAULT_PARAM && was_sent(call, fault.param)) {
        learn(llm, fault.param);
        call->tried--;
        recompose(llm, call);
    } else if (fault.kind == SM_FAULT_RETRY && call->tried <= RETRIES_MAX &&
               !llm->stopped.message && !llm->fatal.message) {
        llm->totals.retries++;
        call->due_ms = now_ms() + delay_ms(llm, easy, call->tried);
        sm_queue_add(&llm->waiting, call);
    } else {
        give_up(llm, call, &err);
    }
    sm_err_clear(&err);
}

static void record(struct sm_llm *llm, struct sm_call *call)
{
    const struct sm_completion *completion = &call->completion;
    struct sm_answer answer = {
        .endpoint = llm->endpoint,
        .model = llm->model,
        .sample = call->ask.sample,
        .response = call->response.data,
        .response_len = call->response.len,
        .ms = call->ms,
        .created = (int64_t)time(NULL),
        .tokens_in = completion->tokens_in,
        .tokens_out = completion->tokens_out,
    };
    memcpy(answer.key, call->key, sizeof answer.key);
    if (llm->store)
        sm_store_put(llm->store, &answer);
    llm->totals.calls++;
    llm->totals.tokens_in += completion->tokens_in;
    llm->totals.tokens_out += completion->tokens_out;
    llm->totals.tokens_cached += completion->tokens_cached;
}

static bool read_completion(struct sm_call *call)
{
    call->read = call->read || sm_completion_parse(sm_buf_text(&call->response), call->response.len,
                                                   &call->completion);
    return call->read;
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
    if (result == CURLE_OK && status == 200 && read_completion(call)) {
        prove(llm);
        record(llm, call);
        finish(llm, call);
    } else {
        const char *why = curl_easy_strerror(result);
        handle_fault(llm, call, easy, result == CURLE_OK ? status : 0, why);
    }
    llm->idle[llm->idle_count++] = easy;
}

/* Only now, with the whole reply at hand, is it read: recorded and fresh answers go one way. */
static void tell_waiters(struct sm_llm *llm, struct sm_call *call)
{
    const struct sm_completion *completion = &call->completion;
    struct sm_reply reply = {.tried = call->tried, .content = "", .model = llm->model};
    static const struct sm_err unreadable = {
        .code = SM_EXIT_INPUT, .message = (char *)"the recorded answer is no completion"};
    if (call->error.message) {
        reply.error = &call->error;
    } else if (!read_completion(call)) {
        reply.error = &unreadable;
    } else {
        reply.content = completion->content;
        reply.content_len = completion->content_len;
        reply.truncated = completion->truncated;
        reply.refused = completion->refused;
        reply.tokens_in = completion->tokens_in;
        reply.tokens_out = completion->tokens_out;
        reply.tokens_cached = completion->tokens_cached;
        reply.ms = call->ms;
    }
    for (struct sm_waiter *w = call->waiters; w; w = w->next) {
        llm->totals.waiting--;
        llm->totals.failed += reply.error != NULL;
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
        fail(llm, sm_queue_take(&llm->waiting, &llm->waiting.first), why);
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
    for (const struct sm_call *c = llm->waiting.first; c && may_start(llm); c = c->next)
        soonest = fmin(soonest, fmax(0, c->due_ms - now));
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
    bool first = true;
    sm_buf_char(out, '[');
    for (int i = 0; i < PARAM_COUNT; i++) {
        if (!llm->refused[i])
            continue;
        sm_buf_printf(out, "%s\"%s\"", first ? "" : ",", param_names[i]);
        first = false;
    }
    sm_buf_char(out, ']');
}

static CURL *new_easy(struct sm_llm *llm)
{
    CURL *easy = curl_easy_init();
    if (!easy)
        sm_out_of_memory();
    double timeout = llm->config.timeout_s > 0 ? llm->config.timeout_s : 600;
    curl_easy_setopt(easy, CURLOPT_URL, llm->url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, llm->headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_bytes);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(timeout * 1e3));
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "synthesizeme/" SM_VERSION);
    return easy;
}

static void set_headers(struct sm_llm *llm)
{
    const struct sm_llm_config *config = &llm->config;
    struct sm_buf line = {0};
    llm->headers = curl_slist_append(NULL, "Content-Type: application/json");
    llm->headers = curl_slist_append(llm->headers, "Expect:");
    if (llm->key) {
        sm_buf_printf(&line, config->api_key_header ? "api-key: %s" : "Authorization: Bearer %s",
                      llm->key);
        llm->headers = curl_slist_append(llm->headers, line.data);
    }
    for (size_t i = 0; i < config->header_count; i++)
        llm->headers = curl_slist_append(llm->headers, config->headers[i]);
    if (!llm->headers)
        sm_out_of_memory();
    sm_buf_release(&line);
}

static void recall_facts(struct sm_llm *llm)
{
    char *answers =
        llm->store ? sm_store_fact(llm->store, llm->endpoint, llm->model, ANSWERS) : NULL;
    llm->proven = answers != NULL;
    free(answers);
    for (int i = 0; llm->store && i < PARAM_COUNT; i++) {
        char *value = sm_store_fact(llm->store, llm->endpoint, llm->model, param_names[i]);
        llm->refused[i] = value != NULL;
        free(value);
    }
}

static void set_url(struct sm_llm *llm)
{
    struct sm_buf url = {0};
    size_t len = strlen(llm->endpoint);
    while (len && llm->endpoint[len - 1] == '/')
        llm->endpoint[--len] = '\0';
    if (llm->config.url)
        sm_buf_str(&url, llm->config.url);
    else
        sm_buf_printf(&url, "%s/chat/completions", llm->endpoint);
    llm->url = sm_buf_take(&url);
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
    llm->endpoint = sm_strdup(config->endpoint);
    llm->model = sm_strdup(config->model ? config->model : "");
    llm->key = config->key && *config->key ? sm_strdup(config->key) : NULL;
    set_url(llm);
    set_headers(llm);
    sm_queue_init(&llm->waiting);
    sm_queue_init(&llm->finished);
    sm_rng_seed(&llm->jitter, (int64_t)time(NULL));
    recall_facts(llm);
    llm->multi = curl_multi_init();
    if (!llm->multi)
        sm_out_of_memory();
    curl_multi_setopt(llm->multi, CURLMOPT_MAXCONNECTS, config->jobs);
    curl_multi_setopt(llm->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
    llm->idle = sm_alloc((size_t)config->jobs, sizeof *llm->idle);
    for (long i = 0; i < config->jobs; i++)
        llm->idle[llm->idle_count++] = new_easy(llm);
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
    curl_slist_free_all(llm->headers);
    sm_err_clear(&llm->fatal);
    sm_err_clear(&llm->stopped);
    free(llm->endpoint);
    free(llm->url);
    free(llm->model);
    free(llm->key);
    free(llm);
    curl_global_cleanup();
}

static size_t take_text(char *data, size_t size, size_t count, void *arg)
{
    return sm_buf_add(arg, data, size * count) ? size * count : 0;
}

static bool list_models(const struct sm_buf *body, struct sm_buf *names)
{
    jv root = jv_invalid();
    if (!sm_json_parse(sm_buf_text(body), body->len, &root, NULL))
        return false;
    jv data = sm_json_get(root, "data");
    int n = jv_get_kind(data) == JV_KIND_ARRAY ? jv_array_length(jv_copy(data)) : 0;
    for (int i = 0; i < n; i++) {
        jv item = jv_array_get(jv_copy(data), i);
        const char *id = sm_json_text(item, "id", NULL);
        if (id)
            sm_buf_printf(names, "%s\n", id);
        jv_free(item);
    }
    jv_free(data);
    jv_free(root);
    return n > 0;
}

bool sm_llm_models(struct sm_llm *llm, struct sm_buf *names, struct sm_err *err)
{
    struct sm_buf url = {0}, body = {.max = RESPONSE_MAX_BYTES};
    sm_buf_printf(&url, "%s/models", llm->endpoint);
    CURL *easy = new_easy(llm);
    curl_easy_setopt(easy, CURLOPT_URL, url.data);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_text);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 30000L);
    CURLcode result = curl_easy_perform(easy);
    curl_easy_cleanup(easy);
    bool ok = result == CURLE_OK && list_models(&body, names);
    if (!ok)
        sm_err_set(err, SM_EXIT_PROVIDER, NULL, "%s gives no list of models%s%s", llm->endpoint,
                   result == CURLE_OK ? "" : ": ",
                   result == CURLE_OK ? "" : curl_easy_strerror(result));
    sm_buf_release(&url);
    sm_buf_release(&body);
    return ok;
}
