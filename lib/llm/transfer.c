#include "lib/llm/internal/transfer.h"

#include "lib/base/mem.h"
#include "lib/llm/internal/bundle.h"
#include "lib/llm/internal/wait_hint.h"

#include <math.h>
#include <strings.h>

#define RESET_MAX_S 900 /* a later one is a day's, unless it says that nothing remains */
#define COST_MAX 1e6    /* US dollars a call: more is no cost */
#define POLL_MAX_MS 60000
#define EXTRA_MAX 4 /* descriptors, see sm_llm_turn() */

double sm_llm_now_ms(const struct sm_llm *llm)
{
    return sm_clock_ms(llm->config.clock);
}

static size_t take_bytes(char *data, size_t size, size_t count, void *arg)
{
    struct sm_call *call = arg;
    return sm_buf_add(&call->response, data, size * count) ? size * count : 0;
}

void sm_transfers_open(struct sm_llm *llm)
{
    size_t jobs = (size_t)llm->config.jobs;
    llm->multi = curl_multi_init();
    if (!llm->multi)
        sm_out_of_memory();
    curl_multi_setopt(llm->multi, CURLMOPT_MAXCONNECTS, llm->config.jobs);
    curl_multi_setopt(llm->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
    llm->idle = sm_alloc(jobs, sizeof *llm->idle);
    while (llm->idle_count < jobs) {
        CURL *easy = sm_endpoint_handle(&llm->endpoint);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_bytes);
        llm->idle[llm->idle_count++] = easy;
    }
}

/* All calls are in the table; those that no queue holds are in flight. */
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
            for (struct sm_call *other = call->others; other; other = other->next)
                sm_call_unlink(&llm->calls, other); /* freed with it */
            sm_call_free(call);
        }
    }
}

void sm_transfers_close(struct sm_llm *llm)
{
    end_running(llm);
    for (size_t i = 0; i < llm->idle_count; i++)
        curl_easy_cleanup(llm->idle[i]);
    free(llm->idle);
    curl_multi_cleanup(llm->multi);
}

/* libcurl copies the URL. */
static void set_url(const struct sm_llm *llm, const struct sm_call *call, CURL *easy)
{
    struct sm_buf url = {0};
    const char *base = call->server > 0 ? llm->servers.at[call->server].base : llm->endpoint.base;
    if (call->ask.post)
        sm_endpoint_post_url(base, call->ask.post, &url);
    else if (call->server > 0)
        sm_buf_printf(&url, "%s/chat/completions", base);
    else
        sm_buf_str(&url, llm->endpoint.url);
    curl_easy_setopt(easy, CURLOPT_URL, url.data);
    sm_buf_release(&url);
}

void sm_transfer_start(struct sm_llm *llm, struct sm_call *call)
{
    CURL *easy = llm->idle[--llm->idle_count];
    sm_buf_clear(&call->response);
    call->easy = easy;
    call->begun_ms = sm_llm_now_ms(llm);
    call->tried++;
    set_url(llm, call, easy);
    if (call->others)
        sm_bundle_write(call);
    const struct sm_buf *body = call->others ? &call->bundled : &call->body;
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body->data);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->len);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    curl_multi_add_handle(llm->multi, easy);
    llm->running++;
    call->model->running++;
    llm->servers.at[call->server].running++;
}

void sm_transfers_perform(struct sm_llm *llm)
{
    int left;
    curl_multi_perform(llm->multi, &left);
}

/* Borrowed from the handle; NULL if there is no such header. */
static const char *header_text(CURL *easy, const char *name)
{
    struct curl_header *header;
    return curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK ? header->value
                                                                                   : NULL;
}

/* Below 0 if there is no such header. */
static double header_seconds(const struct sm_llm *llm, CURL *easy, const char *name)
{
    const char *value = header_text(easy, name);
    return value ? sm_wait_of_header(value, sm_clock_unix_ms(llm->config.clock)) : -1;
}

/* A gateway may pass on what the provider behind it asks for, under a name of its own. */
static double retry_after_s(const struct sm_llm *llm, CURL *easy)
{
    const char *ms = header_text(easy, "retry-after-ms");
    double asked = ms ? strtod(ms, NULL) / 1e3 : 0;
    if (!(asked > 0 && isfinite(asked)))
        asked = header_seconds(llm, easy, "retry-after");
    if (asked <= 0)
        asked = header_seconds(llm, easy, "llm_provider-retry-after");
    return asked > 0 ? asked : 0;
}

/* Of several rates the last that is fresh counts; not one of which something remains. */
static double reset_s(const struct sm_llm *llm, CURL *easy)
{
    static const char *const rates[][2] = {
        {"x-ratelimit-reset-requests", "x-ratelimit-remaining-requests"},
        {"x-ratelimit-reset-tokens", "x-ratelimit-remaining-tokens"},
        {"x-ratelimit-reset", "x-ratelimit-remaining"},
    };
    double latest = 0;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        double reset = header_seconds(llm, easy, rates[i][0]);
        const char *left = header_text(easy, rates[i][1]);
        if (!(left && strtod(left, NULL) > 0) && (left || reset <= RESET_MAX_S))
            latest = fmax(latest, reset);
    }
    return latest;
}

static int should_retry(CURL *easy)
{
    const char *value = header_text(easy, "x-should-retry");
    return value ? strcasecmp(value, "true") == 0 : -1;
}

/* What LiteLLM says that the call has cost. */
static double told_cost(CURL *easy)
{
    struct curl_header *header;
    if (curl_easy_header(easy, "x-litellm-response-cost", 0, CURLH_HEADER, -1, &header) !=
        CURLHE_OK)
        return NAN;
    char *end;
    double cost = strtod(header->value, &end);
    return end != header->value && !*end && cost >= 0 && cost < COST_MAX ? cost : NAN;
}

/* Reads how it ended from the handle, which then is idle. */
static void end_transfer(struct sm_llm *llm, CURL *easy, struct sm_transfer *ended)
{
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &ended->call);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &ended->status);
    ended->retry_after_s = retry_after_s(llm, easy);
    ended->reset_s = reset_s(llm, easy);
    ended->should_retry = should_retry(easy);
    ended->cost = told_cost(easy);
    ended->call->easy = NULL;
    ended->call->ms = round((sm_llm_now_ms(llm) - ended->call->begun_ms) * 10) / 10;
    curl_multi_remove_handle(llm->multi, easy);
    llm->idle[llm->idle_count++] = easy;
    sm_place_drop(llm->locks, ended->call->place);
    llm->full_until_ms = 0;
    llm->running--;
    ended->call->model->running--;
    llm->servers.at[ended->call->server].running--;
}

bool sm_transfers_next(struct sm_llm *llm, struct sm_transfer *ended)
{
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(llm->multi, &left))) {
        if (message->msg != CURLMSG_DONE)
            continue;
        *ended = (struct sm_transfer){.result = message->data.result};
        end_transfer(llm, message->easy_handle, ended);
        return true;
    }
    return false;
}

void sm_transfers_poll(struct sm_llm *llm, const struct pollfd *extra, unsigned count,
                       int timeout_ms)
{
    struct curl_waitfd fds[EXTRA_MAX] = {0};
    for (unsigned i = 0; i < count && i < EXTRA_MAX; i++) {
        fds[i].fd = extra[i].fd;
        fds[i].events = (short)((extra[i].events & POLLIN ? CURL_WAIT_POLLIN : 0) |
                                (extra[i].events & POLLOUT ? CURL_WAIT_POLLOUT : 0));
    }
    curl_multi_poll(llm->multi, fds, count, timeout_ms < 0 ? POLL_MAX_MS : timeout_ms, NULL);
}
