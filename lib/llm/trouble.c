#include "lib/llm/internal/trouble.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/llm/completion.h"
#include "lib/llm/internal/pace.h"
#include "lib/llm/provider.h"

#define CONNECT_TRIES_MAX 4 /* while the endpoint has never answered */
#define WAIT_MAX_S 900      /* who asks for more is asked tomorrow */

double sm_trouble_asked_s(const struct sm_transfer *ended, const struct sm_fault *fault)
{
    if (ended->retry_after_s > 0)
        return ended->retry_after_s;
    if (fault->wait_s > 0)
        return fault->wait_s;
    return fault->reason == SM_FAULT_RATE ? ended->reset_s : 0;
}

bool sm_trouble_is_none(const struct sm_transfer *ended)
{
    return ended->result == CURLE_OK && ended->status >= 200 && ended->status < 300;
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

/* A post that is answered, but not accepted, would be the next time too; and a path that is not
 * there says nothing of the other paths. */
static void read_post_fault(const struct sm_transfer *ended, struct sm_fault *fault,
                            struct sm_err *err)
{
    bool absent = ended->status == 404 || ended->status == 405;
    bool only_it = fault->kind == SM_FAULT_PARAM || fault->kind == SM_FAULT_REFUSED;
    if (sm_trouble_is_none(ended) || absent || only_it)
        fault->kind = SM_FAULT_CALL;
    if (sm_trouble_is_none(ended) && ended->call->refused)
        sm_err_set(err, SM_EXIT_PARTIAL, "name another model, or another endpoint", "%s",
                   ended->call->refused);
    else if (sm_trouble_is_none(ended))
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
    double wait_s = sm_trouble_asked_s(ended, fault);
    if (fault->kind != SM_FAULT_RETRY || wait_s <= WAIT_MAX_S)
        return;
    sm_buf_printf(&message, "%s; the endpoint asks to wait ", err->message);
    sm_pace_write(&message, wait_s);
    fault->kind = SM_FAULT_FATAL;
    sm_err_set(err, SM_EXIT_PROVIDER, "then " SM_AGAIN, "%s", message.data);
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

struct sm_fault sm_trouble_read(struct sm_llm *llm, const struct sm_transfer *ended,
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
