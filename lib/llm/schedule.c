#include "lib/llm/internal/schedule.h"

#include "lib/llm/internal/bundle.h"
#include "lib/llm/internal/intake.h"
#include "lib/llm/internal/request.h"
#include "lib/llm/internal/transfer.h"

#include <math.h>

#define WAIT_MAX_MS 60000
#define PASSED_OVER_MAX 256
#define ELSEWHERE_MS 50 /* between checks of a request that another process is sending */
#define LOCKS_AHEAD 512 /* are asked for at once, where a server has them */
#define ELSEWHERE_TOLD_MS 4000
#define ELSEWHERE_TIMEOUTS 10 /* times --timeout: 8 tries and their waits */
#define PLACE_MS 10           /* between checks for a place of the pipe */
#define YIELD_MS 25           /* how long a place is left to a program that has none */
#define PROBE_MAX_MS 5000     /* how long one call finds out for all others */
#define SETTLE_MS 50 /* between checks whether what is in flight leaves something of a cap */

/* Whether another call, in flight or about to be repeated, will tell what this one would. */
static bool is_probed(size_t running, size_t retried, const struct sm_call *call)
{
    return running > 0 || (retried > 0 && call->tried == 0);
}

/* One call, not all that could be in flight, finds out whether the endpoint is there and what it
 * takes for a model. */
static bool waits_for_probe(const struct sm_llm *llm, const struct sm_call *call)
{
    if (call->model->proven || llm->skips_probe)
        return false;
    return is_probed(call->model->running, call->model->retried, call) ||
           (!llm->reached && is_probed(llm->running, llm->retried, call));
}

/* An endpoint that limits the rate is asked more slowly: see sm_pace_limit(). */
static bool waits_for_room(const struct sm_model *model)
{
    return model->room > 0 && model->running >= model->room;
}

/* When a waiting call may start; INFINITY: not before another one ends. An endpoint that refuses
 * something does so at once; one that only takes its time is not waited for. */
static double ready_ms(const struct sm_llm *llm, const struct sm_call *call)
{
    if (llm->idle_count == 0 || waits_for_room(call->model))
        return INFINITY;
    double ready = fmax(fmax(call->due_ms, call->model->paused_until_ms),
                        fmax(llm->paced_until_ms, llm->full_until_ms));
    ready = fmax(ready, sm_servers_ready_ms(&llm->servers));
    if (!waits_for_probe(llm, call))
        return ready;
    return llm->running > 0 ? fmax(ready, llm->probing_ms + PROBE_MAX_MS) : INFINITY;
}

/* False if the limits allow it only later, or never. */
static bool is_within_limits(struct sm_llm *llm, struct sm_call *call, double now)
{
    struct sm_limiter *limiter = llm->servers.at[call->server].limiter;
    if (!limiter || (call->ask.post && call->ask.post->transient))
        return true;
    int64_t tokens = sm_request_tokens(&llm->config, &call->ask, call->body.len);
    struct sm_usage most = sm_request_most(&llm->config, &call->ask, call->body.len);
    double cost = sm_price_cost(&call->model->price, &most), wait = 0;
    struct sm_err err = {0};
    enum sm_admission when =
        sm_limiter_admit(limiter, &call->reservation, tokens, cost, &wait, &err);
    if (when == SM_ADMIT_SETTLED && (llm->running > 0 || sm_place_is_taken(llm->locks))) {
        when = SM_ADMIT_LATER;
        wait = SETTLE_MS;
    }
    if (llm->servers.count == 1)
        llm->paced_until_ms = when == SM_ADMIT_LATER ? now + wait : 0;
    else if (when == SM_ADMIT_LATER)
        llm->servers.at[call->server].until_ms = now + wait;
    if (when != SM_ADMIT_NOW && when != SM_ADMIT_LATER && !llm->fatal.message)
        sm_err_set(&llm->fatal, err.code, err.remedy, "%s", err.message);
    sm_err_clear(&err);
    return when == SM_ADMIT_NOW;
}

/* The other process has its answer sooner or later, or ends; one that is stopped does neither. */
static void wait_elsewhere(struct sm_llm *llm, struct sm_call *call, double now)
{
    call->due_ms = now + ELSEWHERE_MS;
    if (call->elsewhere_ms == 0)
        call->elsewhere_ms = now;
    double waited_ms = now - call->elsewhere_ms;
    struct sm_buf holder = {0};
    if (waited_ms < ELSEWHERE_TOLD_MS || !sm_request_lock_holder(llm->locks, call->key, &holder))
        return;
    if (llm->config.tell && !llm->told_elsewhere) {
        struct sm_buf text = {0};
        sm_buf_printf(&text, "waiting for %s, which has the same request under way", holder.data);
        llm->config.tell(llm->config.tell_arg, text.data);
        sm_buf_release(&text);
        llm->told_elsewhere = true;
    }
    if (waited_ms > ELSEWHERE_TIMEOUTS * llm->endpoint.timeout_s * 1e3 && !llm->fatal.message)
        sm_err_set(&llm->fatal, SM_EXIT_INPUT,
                   "end that process, if it hangs, or name another --cache",
                   "%s has had the same request under way for %.0f s, and no answer", holder.data,
                   waited_ms / 1e3);
    sm_buf_release(&holder);
}

/* Asks for the locks of the calls that may be next, `call` the first of them, in one go. */
static void lock_ahead(struct sm_llm *llm, struct sm_call *call, double now)
{
    const char *keys[LOCKS_AHEAD];
    size_t n = 0;
    keys[n++] = call->key;
    for (const struct sm_call *c = llm->waiting.first; c && n < LOCKS_AHEAD; c = c->next) {
        if (c != call && !c->locked && c->due_ms <= now)
            keys[n++] = c->key;
    }
    sm_request_locks_ahead(llm->locks, keys, n, llm->idle_count);
}

/* False if another process is sending the same request: its answer serves here too. */
static bool lock_request(struct sm_llm *llm, struct sm_call *call, double now)
{
    if (!llm->locks || call->locked)
        return true;
    if (!sm_request_lock_is_known(llm->locks, call->key))
        lock_ahead(llm, call, now);
    call->locked = sm_request_lock_take(llm->locks, call->key);
    if (call->locked)
        call->elsewhere_ms = 0;
    else
        wait_elsewhere(llm, call, now);
    return call->locked;
}

/* By another process, since the call was queued here. */
static bool is_answered_elsewhere(struct sm_llm *llm, const struct sm_call *call)
{
    struct sm_answer answer;
    return llm->locks && call->tried == 0 && !llm->config.forget &&
           sm_store_get(llm->store, call->key, &answer);
}

/* The call to start instead of `oldest`: one that begins like the last one sent goes first, so that
 * the endpoint can use what it has read. */
static struct sm_call *prefer(const struct sm_llm *llm, struct sm_call *oldest, double now)
{
    if (llm->passed_over >= PASSED_OVER_MAX)
        return oldest;
    const struct sm_prefix *nearest = sm_waiting_nearest(&llm->waiting, oldest);
    struct sm_call *call = nearest ? nearest->first : NULL;
    while (call && ready_ms(llm, call) > now)
        call = call->akin;
    return call ? call : oldest;
}

static void set_starved(struct sm_llm *llm, bool starved)
{
    if (llm->starved != starved)
        sm_place_want(llm->locks, starved);
    llm->starved = starved;
}

/* Whether to leave the next place to a program of the pipe that has none: else the one that comes
 * first would take each anew that it gives up. */
static bool yields(struct sm_llm *llm, double now)
{
    if (llm->starved || !sm_place_is_wanted(llm->locks))
        return false;
    if (llm->yielding_ms == 0)
        llm->yielding_ms = now;
    return now < llm->yielding_ms + YIELD_MS;
}

/* A place among the pipe's requests in flight. False if there is none now. */
static bool take_place(struct sm_llm *llm, struct sm_call *call, double now)
{
    if (!llm->locks)
        return true;
    bool leaves = yields(llm, now);
    call->place = leaves ? -1 : sm_place_take(llm->locks, (int)llm->config.jobs);
    if (call->place < 0)
        llm->full_until_ms = now + PLACE_MS;
    if (leaves)
        return false;
    llm->yielding_ms = 0;
    set_starved(llm, call->place < 0 && (llm->starved || llm->running == 0));
    return call->place >= 0;
}

/* Whether it may go out now, and to which server. */
static bool is_admitted(struct sm_llm *llm, struct sm_call *call, double now)
{
    if (!take_place(llm, call, now))
        return false;
    for (size_t i = 0; i < llm->servers.count && !llm->fatal.message; i++) {
        int server = sm_servers_choose(&llm->servers, call, now);
        if (server < 0)
            break;
        call->server = server;
        if (is_within_limits(llm, call, now))
            return true;
    }
    sm_place_drop(llm->locks, call->place);
    return false;
}

/* Votes on one question, which begin alike, go with the first of them. */
static void gather_others(struct sm_llm *llm, struct sm_call *call, double now)
{
    if (!sm_bundle_may(call))
        return;
    for (struct sm_call *other = call->prefix->first, *next;
         other && call->other_count + 1 < SM_BUNDLE_MAX; other = next) {
        next = other->akin;
        other->server = call->server;
        if (!sm_bundle_fits(call, other) || ready_ms(llm, other) > now ||
            is_answered_elsewhere(llm, other) || !lock_request(llm, other, now))
            continue;
        if (!is_within_limits(llm, other, now))
            return;
        sm_bundle_add(call, sm_call_dequeue(llm, other));
    }
}

static void start_call(struct sm_llm *llm, struct sm_call *call, const struct sm_call *oldest,
                       double now)
{
    gather_others(llm, call, now);
    llm->passed_over = call == oldest ? 0 : llm->passed_over + 1;
    sm_waiting_follow(&llm->waiting, call);
    if (llm->running == 0)
        llm->probing_ms = sm_llm_now_ms(llm);
    sm_transfer_start(llm, sm_call_dequeue(llm, call));
}

void sm_schedule_start(struct sm_llm *llm)
{
    double now = sm_llm_now_ms(llm);
    struct sm_call **link = &llm->waiting.first; /* to the oldest that need not wait */
    if (*link)
        sm_models_refresh(&llm->models);
    else
        set_starved(llm, false);
    while (*link && llm->idle_count > 0 && llm->paced_until_ms <= now) {
        if (ready_ms(llm, *link) > now) {
            link = &(*link)->next;
            continue;
        }
        struct sm_call *call = prefer(llm, *link, now);
        bool outdated = call->version != call->model->version;
        if (!outdated && !lock_request(llm, call, now))
            continue; /* it is due later */
        if (outdated)
            sm_call_take_back(llm, sm_call_dequeue(llm, call));
        else if (is_answered_elsewhere(llm, call))
            sm_call_answer_from_store(llm, sm_call_dequeue(llm, call));
        else if (!is_admitted(llm, call, now))
            break;
        else
            start_call(llm, call, *link, now);
    }
}

int sm_schedule_wait_ms(const struct sm_llm *llm, int limit)
{
    if (llm->finished.first)
        return 0;
    double soonest = INFINITY, now = sm_llm_now_ms(llm);
    for (const struct sm_call *c = llm->waiting.first; c && llm->idle_count > 0; c = c->next)
        soonest = fmin(soonest, fmax(0, ready_ms(llm, c) - now));
    if (isinf(soonest))
        return limit;
    int due = (int)fmin(ceil(soonest), WAIT_MAX_MS);
    return limit >= 0 && limit < due ? limit : due;
}
