#include "lib/llm/internal/attempt.h"

#include "lib/base/mem.h"
#include "lib/llm/fault.h"
#include "lib/llm/internal/intake.h"
#include "lib/llm/internal/request.h"
#include "lib/llm/internal/transfer.h"
#include "lib/llm/provider.h"

#include <math.h>
#include <time.h>

#define RETRIES_MAX 8
#define CONNECT_TRIES_MAX 4 /* while the endpoint has never answered */

/* How long to wait before the next attempt: what the endpoint asks for, else doubling from half a
 * second to eight, less up to a quarter so that clients spread out. */
static double delay_ms(struct sm_llm *llm, const struct sm_transfer *ended)
{
    if (ended->retry_after_s > 0)
        return ended->retry_after_s * 1e3;
    double seconds = fmin(0.5 * ldexp(1, (int)ended->call->tried - 1), 8);
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
    sm_call_finish(llm, call);
}

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

/* A post that is answered, but not accepted, would be the next time too; and a path that is not
 * there says nothing of the other paths. */
static void read_post_fault(const struct sm_transfer *ended, struct sm_fault *fault,
                            struct sm_err *err)
{
    if (is_success(ended) || ended->status == 404)
        fault->kind = SM_FAULT_CALL;
    if (is_success(ended))
        sm_err_set(err, SM_EXIT_PARTIAL, NULL, "%s", ended->call->ask.post->refused);
    else if (ended->status == 404)
        err->code = SM_EXIT_PARTIAL;
}

/* What an answer, or its absence, means. */
static struct sm_fault read_fault(const struct sm_llm *llm, const struct sm_transfer *ended,
                                  struct sm_err *err)
{
    const struct sm_buf *response = &ended->call->response;
    const char *why = curl_easy_strerror(ended->result);
    struct sm_fault fault =
        sm_fault_read(ended->result == CURLE_OK ? ended->status : 0, response->data, response->len,
                      why, ended->should_retry, err);
    if (unreachable(llm, ended)) {
        fault.kind = SM_FAULT_FATAL;
        sm_err_set(err, SM_EXIT_INPUT, way_to_reach(&llm->endpoint, ended->result),
                   "cannot reach %s: %s", llm->endpoint.base, why);
    }
    sm_endpoint_hide_secrets(&llm->endpoint, err);
    if (ended->call->ask.post && ended->result == CURLE_OK)
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

static void handle_fault(struct sm_llm *llm, const struct sm_transfer *ended)
{
    struct sm_call *call = ended->call;
    struct sm_err err = {0};
    struct sm_fault fault = read_fault(llm, ended, &err);
    call->model->proven |= fault.kind != SM_FAULT_PARAM && llm->reached;
    if (fault.kind == SM_FAULT_FATAL && !llm->fatal.message)
        sm_err_set(&llm->fatal, err.code, err.remedy, "%s", err.message);
    if (fault.kind == SM_FAULT_PARAM && !call->ask.post && was_sent(call, fault.param)) {
        sm_model_refused(&llm->models, call->model, fault.param);
        call->tried--;
        sm_call_take_back(llm, call);
    } else if (fault.kind == SM_FAULT_REFUSED && !call->ask.post) {
        take_refusal(llm, call, err.message);
    } else if (fault.kind == SM_FAULT_RETRY && call->tried <= RETRIES_MAX &&
               !llm->stopped.message && !llm->fatal.message) {
        llm->totals.retries++;
        call->due_ms = sm_llm_now_ms(llm) + delay_ms(llm, ended);
        sm_call_enqueue(llm, call);
    } else {
        give_up(llm, call, &err);
    }
    sm_err_clear(&err);
}

/* An attempt that failed has taken nothing. */
static void settle_reservation(struct sm_llm *llm, struct sm_call *call, bool answered, double cost)
{
    const struct sm_usage *usage = &call->completion.usage;
    int64_t tokens = usage->untold ? sm_request_tokens(&llm->config, &call->ask, call->body.len)
                                   : usage->in + usage->out;
    if (llm->limiter && !(call->ask.post && call->ask.post->transient))
        sm_limiter_settle(llm->limiter, &call->reservation, answered ? tokens : 0,
                          answered ? cost : 0);
}

static void end_attempt(struct sm_llm *llm, const struct sm_transfer *ended)
{
    struct sm_call *call = ended->call;
    llm->reached |= ended->status > 0;
    bool answered = is_success(ended) && sm_call_read(call);
    double cost = answered ? cost_of(llm, ended) : 0;
    settle_reservation(llm, call, answered, cost);
    if (!answered) {
        handle_fault(llm, ended);
        return;
    }
    sm_model_answered(&llm->models, call->model);
    record_answer(llm, call, cost);
    sm_call_finish(llm, call);
}

void sm_attempts_collect(struct sm_llm *llm)
{
    struct sm_transfer ended;
    sm_transfers_perform(llm);
    while (sm_transfers_next(llm, &ended))
        end_attempt(llm, &ended);
}
