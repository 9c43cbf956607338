#include "lib/llm/internal/attempt.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/llm/fault.h"
#include "lib/llm/internal/bundle.h"
#include "lib/llm/internal/intake.h"
#include "lib/llm/internal/move.h"
#include "lib/llm/internal/pace.h"
#include "lib/llm/internal/request.h"
#include "lib/llm/internal/transfer.h"
#include "lib/llm/provider.h"

#include <math.h>

#define RETRIES_MAX 8
#define FORMAT_RETRIES_MAX 3
#define CONNECT_TRIES_MAX 4 /* while the endpoint has never answered */
#define WAIT_MAX_S 900      /* who asks for more is asked tomorrow */
#define AGAIN "run the same command again: answers already paid for are kept"
#define NO_AGAIN                                                                                   \
    "the endpoint would not take this request another time either; sm-llm --check says what it "   \
    "takes"

/* Seconds that the endpoint asks to wait; 0: it does not. */
static double asked_s(const struct sm_transfer *ended, const struct sm_fault *fault)
{
    if (ended->retry_after_s > 0)
        return ended->retry_after_s;
    if (fault->wait_s > 0)
        return fault->wait_s;
    return fault->reason == SM_FAULT_RATE ? ended->reset_s : 0;
}

/* How long to wait before the next attempt: what the endpoint asks for, else doubling from half a
 * second to eight, less up to a quarter so that clients spread out. */
static double delay_ms(struct sm_llm *llm, const struct sm_transfer *ended, double asked)
{
    if (asked > 0)
        return asked * 1e3;
    double seconds = fmin(0.5 * ldexp(1, (int)ended->call->tried - 1), 8);
    return seconds * (1 - 0.25 * sm_rng_double(&llm->jitter)) * 1e3;
}

/* Whether the request has what it is said that the model does not take. */
static bool was_sent(const struct sm_call *call, const char *param)
{
    struct sm_buf member = {0};
    if (sm_param_set(param) == 1u << SM_PARAM_SYSTEM_ROLE) {
        char *folded = sm_request_fold_system(call->ask.messages);
        bool sent = folded && !((call->model->lacks | call->without) & sm_param_set(param));
        free(folded);
        return sent;
    }
    sm_buf_printf(&member, ",\"%s\":", param);
    bool sent = strstr(call->body.data, member.data) != NULL;
    sm_buf_release(&member);
    return sent;
}

static void give_up(struct sm_llm *llm, struct sm_call *call, const struct sm_fault *fault,
                    struct sm_err *err)
{
    if (!err->remedy)
        sm_err_set(err, err->code, fault->kind == SM_FAULT_RETRY ? AGAIN : NO_AGAIN, "%s",
                   (err->message));
    call->error = *err;
    *err = (struct sm_err){0};
    sm_call_finish(llm, call);
}

/* --- Remedies that depend on the endpoint --- */

/* An endpoint that never answered is absent, rather than in trouble. */
static bool unreachable(const struct sm_llm *llm, const struct sm_transfer *ended)
{
    CURLcode result = ended->result;
    if (llm->reached)
        return false;
    return result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_CACERT_BADFILE ||
           ((result == CURLE_COULDNT_CONNECT || result == CURLE_COULDNT_RESOLVE_HOST ||
             result == CURLE_SSL_CONNECT_ERROR || result == CURLE_COULDNT_RESOLVE_PROXY) &&
            ended->call->tried >= CONNECT_TRIES_MAX);
}

static const char *way_to_reach(const struct sm_endpoint *endpoint, CURLcode result)
{
    if (sm_endpoint_way_past_tls(result))
        return sm_endpoint_way_past_tls(result);
    if (strcmp(endpoint->base, SM_LOCAL_BASE) == 0)
        return "start the server there, give --base-url, or name the model with its provider, as "
               "in openai/gpt-4o-mini (see sm-llm(7))";
    return "start the server, or check --base-url and the proxy (see sm-llm(7))";
}

static bool is_success(const struct sm_transfer *ended)
{
    return ended->result == CURLE_OK && ended->status >= 200 && ended->status < 300;
}

static void name_models(const struct sm_llm *llm, struct sm_buf *remedy)
{
    struct sm_buf names = {0};
    struct sm_err err = {0};
    if (sm_endpoint_models(&llm->endpoint, &names, &err)) {
        sm_buf_str(remedy, "check --model: the endpoint has ");
        sm_llm_write_names(names.data, remedy);
    }
    sm_err_clear(&err);
    sm_buf_release(&names);
}

/* Puts the remedy that helps with this endpoint in the place of the general one. */
static void advise(const struct sm_llm *llm, const struct sm_fault *fault, struct sm_err *err)
{
    struct sm_buf remedy = {0};
    if (fault->reason == SM_FAULT_MODEL && !llm->fatal.message)
        name_models(llm, &remedy);
    if (!remedy.len && (fault->reason == SM_FAULT_PATH || fault->reason == SM_FAULT_MODEL) &&
        sm_endpoint_lacks_version(&llm->endpoint))
        sm_buf_printf(&remedy, "check --base-url: try %s/v1", llm->endpoint.base);
    else if (!remedy.len && fault->page &&
             (fault->reason == SM_FAULT_OTHER || fault->reason == SM_FAULT_FORBIDDEN))
        sm_buf_str(&remedy, "what came is a page, not an API's answer: check --base-url");
    else if (!remedy.len)
        sm_buf_str(&remedy, err->remedy ? err->remedy : "");
    bool proxied = fault->page || fault->reason == SM_FAULT_PROXY || err->code == SM_EXIT_INPUT;
    if (proxied && llm->endpoint.proxy)
        sm_buf_printf(&remedy, "%sthe proxy of %s is in force", remedy.len ? "; " : "",
                      llm->endpoint.proxy);
    sm_err_set(err, err->code, remedy.len ? remedy.data : NULL, "%s", (err->message));
    sm_buf_release(&remedy);
}

/* --- What is done next --- */

/* A post that is answered, but not accepted, would be the next time too; and a path that is not
 * there says nothing of the other paths. */
static void read_post_fault(const struct sm_transfer *ended, struct sm_fault *fault,
                            struct sm_err *err)
{
    bool absent = ended->status == 404 || ended->status == 405;
    bool only_it = fault->kind == SM_FAULT_PARAM || fault->kind == SM_FAULT_REFUSED;
    if (is_success(ended) || absent || only_it)
        fault->kind = SM_FAULT_CALL;
    if (is_success(ended) && ended->call->refused)
        sm_err_set(err, SM_EXIT_PARTIAL, "name another model, or another endpoint", "%s",
                   ended->call->refused);
    else if (is_success(ended))
        sm_err_set(err, SM_EXIT_PARTIAL, NULL, "%s", ended->call->ask.post->refused);
    else if (absent)
        err->code = SM_EXIT_PARTIAL;
}

/* A gateway says 403 where it forbids the key, and where it forbids one prompt. Once a call has
 * succeeded it is not the key; before, two in a row say that it is. */
static void read_forbidden(struct sm_llm *llm, struct sm_fault *fault, struct sm_err *err)
{
    if (fault->reason != SM_FAULT_KEY && fault->reason != SM_FAULT_FORBIDDEN)
        return;
    if (llm->totals.calls > 0) {
        fault->kind = SM_FAULT_CALL;
        sm_err_set(err, SM_EXIT_PARTIAL,
                   "the endpoint forbids this request, others it answers: it may be the content",
                   "%s", (err->message));
    } else if (fault->reason == SM_FAULT_FORBIDDEN) {
        fault->kind = llm->forbidden ? SM_FAULT_FATAL : SM_FAULT_CALL;
        llm->forbidden = true;
    }
}

/* To sleep for hours is no service. */
static void read_wait(const struct sm_transfer *ended, struct sm_fault *fault, struct sm_err *err)
{
    struct sm_buf message = {0};
    double wait_s = asked_s(ended, fault);
    if (fault->kind != SM_FAULT_RETRY || wait_s <= WAIT_MAX_S)
        return;
    sm_buf_printf(&message, "%s; the endpoint asks to wait ", err->message);
    sm_pace_write(&message, wait_s);
    fault->kind = SM_FAULT_FATAL;
    sm_err_set(err, SM_EXIT_PROVIDER, "then " AGAIN, "%s", message.data);
    sm_buf_release(&message);
}

/* It would be as large another time. */
static bool is_too_large(const struct sm_call *call, struct sm_err *err)
{
    static const char remedy[] = "ask for fewer tokens (--max-tokens), or without logprobs";
    const struct sm_buf *response = &call->response;
    if (response->over)
        sm_err_set(err, SM_EXIT_PARTIAL, remedy, "the endpoint's answer is longer than %zu MiB",
                   SM_COMPLETION_MAX_BYTES >> 20);
    else if (!sm_json_fits(sm_buf_text(response), response->len, SM_COMPLETION_VALUES_MAX))
        sm_err_set(err, SM_EXIT_PARTIAL, remedy,
                   "the endpoint's answer has more than %zu JSON values", SM_COMPLETION_VALUES_MAX);
    else
        return false;
    return true;
}

/* What an answer, or its absence, means. */
static struct sm_fault read_fault(struct sm_llm *llm, const struct sm_transfer *ended,
                                  struct sm_err *err)
{
    const struct sm_call *call = ended->call;
    const char *why = curl_easy_strerror(ended->result);
    if (is_too_large(call, err))
        return (struct sm_fault){.kind = SM_FAULT_CALL};
    struct sm_fault fault =
        sm_fault_read(ended->result == CURLE_OK ? ended->status : 0, call->response.data,
                      call->response.len, why, ended->should_retry, err);
    if (unreachable(llm, ended)) {
        fault.kind = SM_FAULT_FATAL;
        sm_err_set(err, SM_EXIT_INPUT, way_to_reach(&llm->endpoint, ended->result),
                   "cannot reach %s: %s", llm->endpoint.base, why);
    }
    sm_endpoint_hide_secrets(&llm->endpoint, err);
    if (fault.reason == SM_FAULT_TOKENS && call->ask.max_tokens) {
        fault.kind = SM_FAULT_CALL; /* the request's own */
        err->code = SM_EXIT_PARTIAL;
    }
    advise(llm, &fault, err);
    if (ended->result == CURLE_OK && ended->status == 403)
        read_forbidden(llm, &fault, err);
    read_wait(ended, &fault, err);
    if (call->ask.post && ended->result == CURLE_OK)
        read_post_fault(ended, &fault, err);
    return fault;
}

/* What an answered call has cost: as a gateway says, else by its tokens. If these are not told
 * either, the most that it can have been: nothing that was paid for is taken for free. */
static double cost_of(const struct sm_llm *llm, const struct sm_transfer *ended)
{
    const struct sm_call *call = ended->call;
    struct sm_usage usage = call->completion.usage;
    if (!isnan(ended->cost))
        return ended->cost;
    if (usage.untold)
        usage = sm_request_most(&llm->config, &call->ask, call->body.len);
    return sm_price_cost(&call->model->price, &usage);
}

static bool may_try_again(const struct sm_llm *llm, const struct sm_call *call,
                          const struct sm_fault *fault)
{
    unsigned most = fault->reason == SM_FAULT_FORMAT ? FORMAT_RETRIES_MAX : RETRIES_MAX;
    if (fault->kind != SM_FAULT_RETRY || llm->stopped.message || llm->fatal.message)
        return false;
    return fault->reason == SM_FAULT_RATE || call->tried - call->limited <= most;
}

static void try_again(struct sm_llm *llm, const struct sm_transfer *ended,
                      const struct sm_fault *fault, const struct sm_err *err)
{
    struct sm_call *call = ended->call;
    double now = sm_llm_now_ms(llm), asked = asked_s(ended, fault);
    call->due_ms = now;
    if (fault->reason == SM_FAULT_RATE) {
        call->limited++;
        sm_pace_limited(llm, call, asked);
    } else {
        call->due_ms += delay_ms(llm, ended, asked);
    }
    sm_pace_tell(llm, (fmax(call->due_ms, call->model->paused_until_ms) - now) / 1e3, err->message);
    llm->totals.retries++;
    sm_call_enqueue(llm, call);
}

static void set_fatal(struct sm_llm *llm, const struct sm_err *err)
{
    if (!llm->fatal.message)
        sm_err_set(&llm->fatal, err->code, err->remedy, "%s", err->message);
}

/* Its rate stays limited whatever we do. */
static void end_patience(struct sm_llm *llm, struct sm_err *err)
{
    sm_err_set(err, SM_EXIT_PROVIDER, "give --rpm, or fewer --jobs, and " AGAIN,
               "%s; no call was answered for minutes", err->message);
    set_fatal(llm, err);
}

static void record_answer(struct sm_llm *llm, struct sm_call *call, double cost)
{
    if (call->ask.post && call->ask.post->transient)
        return;
    const struct sm_usage *usage = &call->completion.usage;
    struct sm_answer answer = {
        .endpoint = llm->endpoint.identity,
        .model = call->model->name,
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
    llm->totals.cost += cost;
    sm_usage_add(&llm->totals.usage, usage);
}

/* A prompt that was declined has its answer, which is kept as any other: nobody asks it again. The
 * endpoint took nothing for it. */
static void take_refusal(struct sm_llm *llm, struct sm_call *call, const char *why)
{
    sm_buf_clear(&call->response);
    sm_completion_refusal(&call->response, call->model->name, why);
    sm_call_read(call);
    record_answer(llm, call, 0);
    sm_call_finish(llm, call);
}

static void handle_fault(struct sm_llm *llm, const struct sm_transfer *ended, bool bundled)
{
    struct sm_call *call = ended->call;
    struct sm_err err = {0};
    struct sm_fault fault = read_fault(llm, ended, &err);
    if (bundled && (fault.kind == SM_FAULT_CALL || fault.kind == SM_FAULT_PARAM)) {
        call->without |= 1u << SM_PARAM_N; /* it may be that; alone it is asked what else it is */
        sm_call_take_back(llm, call);
        sm_err_clear(&err);
        return;
    }
    call->model->proven |= fault.kind != SM_FAULT_PARAM && fault.reason != SM_FAULT_FORBIDDEN &&
                           fault.reason != SM_FAULT_RATE && llm->reached;
    if (fault.kind == SM_FAULT_FATAL)
        set_fatal(llm, &err);
    else if (fault.reason == SM_FAULT_RATE && sm_pace_is_hopeless(llm, call->model))
        end_patience(llm, &err);
    if (fault.kind == SM_FAULT_PARAM && !call->ask.post && was_sent(call, fault.param)) {
        call->without |= sm_param_set(fault.param);
        sm_call_take_back(llm, call);
    } else if (fault.kind == SM_FAULT_REFUSED && !call->ask.post) {
        take_refusal(llm, call, err.message);
    } else if (may_try_again(llm, call, &fault)) {
        try_again(llm, ended, &fault, &err);
    } else {
        give_up(llm, call, &fault, &err);
    }
    sm_err_clear(&err);
}

/* An attempt that failed has taken nothing. */
static void settle_reservation(struct sm_llm *llm, struct sm_call *call, bool answered, double cost)
{
    const struct sm_usage *usage = &call->completion.usage;
    int64_t tokens = usage->untold ? sm_request_tokens(&llm->config, &call->ask, call->body.len)
                                   : usage->in + usage->out;
    struct sm_limiter *limiter = llm->servers.at[call->server].limiter;
    if (limiter && !(call->ask.post && call->ask.post->transient))
        sm_limiter_settle(limiter, &call->reservation, answered ? tokens : 0, answered ? cost : 0);
}

static void take_answer(struct sm_llm *llm, struct sm_call *call, double cost)
{
    settle_reservation(llm, call, true, cost);
    sm_call_learn(llm, call);
    record_answer(llm, call, cost);
    sm_call_finish(llm, call);
}

/* Those of a bundle that got no answer wait again, for one of their own: a post whose answer could
 * not be divided, alone. */
static void release_others(struct sm_llm *llm, struct sm_call *call)
{
    struct sm_call *other;
    while ((other = sm_bundle_take(call))) {
        settle_reservation(llm, other, false, 0);
        if (call->refused)
            other->without |= 1u << SM_PARAM_N;
        sm_call_enqueue(llm, other);
    }
}

static void take_bundle(struct sm_llm *llm, const struct sm_transfer *ended)
{
    struct sm_call *call = ended->call, *other;
    size_t parts = sm_bundle_divide(call);
    struct sm_transfer share = *ended;
    share.cost /= (double)parts;
    if (parts < call->other_count + 1)
        call->without |= 1u << SM_PARAM_N;
    for (size_t i = 1; i < parts && (other = sm_bundle_take(call)); i++) {
        share.call = other;
        take_answer(llm, other, cost_of(llm, &share));
    }
    release_others(llm, call);
    share.call = call;
    take_answer(llm, call, cost_of(llm, &share));
}

static void end_attempt(struct sm_llm *llm, const struct sm_transfer *ended)
{
    struct sm_call *call = ended->call;
    bool bundled = call->others;
    llm->reached |= ended->status > 0;
    if (!is_success(ended) || !sm_call_read(call)) {
        settle_reservation(llm, call, false, 0);
        release_others(llm, call);
        if (llm->servers.count == 1 || !sm_move_on(llm, ended))
            handle_fault(llm, ended, bundled);
        return;
    }
    sm_move_back(llm, call);
    sm_model_answered(&llm->models, call->model);
    sm_pace_answered(llm, call);
    if (bundled)
        take_bundle(llm, ended);
    else
        take_answer(llm, call, cost_of(llm, ended));
}

void sm_attempts_collect(struct sm_llm *llm)
{
    struct sm_transfer ended;
    sm_transfers_perform(llm);
    while (sm_transfers_next(llm, &ended))
        end_attempt(llm, &ended);
}
