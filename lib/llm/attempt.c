#include "lib/llm/internal/attempt.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/llm/fault.h"
#include "lib/llm/internal/bundle.h"
#include "lib/llm/internal/intake.h"
#include "lib/llm/internal/move.h"
#include "lib/llm/internal/pace.h"
#include "lib/llm/internal/request.h"
#include "lib/llm/internal/trouble.h"
#include "lib/llm/provider.h"

#include <math.h>

#define RETRIES_MAX 8
#define FORMAT_RETRIES_MAX 3
#define NO_AGAIN                                                                                   \
    "the endpoint would not take this request another time either; sm-llm --check says what it "   \
    "takes"

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
        sm_err_set(err, err->code, fault->kind == SM_FAULT_RETRY ? SM_AGAIN : NO_AGAIN, "%s",
                   (err->message));
    call->error = *err;
    *err = (struct sm_err){0};
    sm_call_finish(llm, call);
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
    double now = sm_llm_now_ms(llm), asked = sm_trouble_asked_s(ended, fault);
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
    sm_err_set(err, SM_EXIT_PROVIDER, "give --rpm, or fewer --jobs, and " SM_AGAIN,
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
    struct sm_fault fault = sm_trouble_read(llm, ended, &err);
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
    if (!sm_trouble_is_none(ended) || !sm_call_read(call)) {
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
