#include "lib/llm/fault.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/llm/internal/complaint.h"
#include "lib/llm/internal/untaken.h"
#include "lib/llm/internal/wording.h"

#define EACH 24 /* codes and words of a sign, at most */

/* --- The words of endpoints --- */

/* What a code, or the words of a message, mean. The first line that fits counts; codes count before
 * words. Words are in lower case, and `*` stands for a few words between them. `statuses` are those
 * with which the words mean it; 2 stands for an error with a status of success, and none for all.
 */
static const struct sign {
    enum sm_fault_reason reason;
    short statuses[6];
    const char *codes[EACH], *words[EACH];
} signs[] = {
    {SM_FAULT_FORMAT,
     {400, 422, 2},
     {"json_validate_failed"},
     {"failed to generate json", "failed to validate json"}},
    {SM_FAULT_REFUSAL,
     {400, 403, 422, 451, 500, 2},
     {"content_filter", "content_policy_violation", "responsibleaipolicyviolation",
      "content_filter_error", "moderation_blocked", "data_inspection_failed",
      "datainspectionfailed", "flagged_input", "safety", "prohibited_content", "blocklist",
      "recitation", "spii", "image_safety", "sensitive_words_detected",
      "contentpolicyviolationerror", "content_blocked", "guardrail_violation"},
     {"content management policy",
      "content filter",
      "content_filter",
      "content policy",
      "usage polic",
      "was flagged",
      "been flagged",
      "flagged as",
      "flagged by",
      "flagged for",
      "requires moderation",
      "by*moderation",
      "safety system",
      "safety filter",
      "violat*polic",
      "rejected by*policy",
      "blocked by*polic",
      "blocked by*guardrail",
      "guardrail*blocked",
      "prohibited_content",
      "inappropriate content",
      "content*was blocked",
      "prompt was blocked",
      "responsibleaipolicyviolation"}},
    {SM_FAULT_PLACE,
     {400, 403},
     {"unsupported_country_region_territory"},
     {"user location is not supported", "country, region, or territory not supported"}},
    {SM_FAULT_BUDGET,
     {400, 402, 403, 422, 429, 2},
     {"insufficient_quota", "budget_exceeded", "billing_hard_limit_reached", "billing_not_active",
      "insufficient_user_quota", "insufficient_balance", "insufficient_credits", "exceeded_budget",
      "billing_error"},
     {"insufficient_quota", "budget has been exceeded", "exceededbudget", "exceeded budget",
      "exceeded*budget", "over budget", "credit balance is too low", "insufficient credit",
      "insufficient balance", "insufficient fund", "insufficient quota", "out of credit",
      "no credits", "exceeded your current quota", "billing hard limit"}},
    {SM_FAULT_KEY,
     {400, 401, 403, 2},
     {"invalid_api_key", "api_key_invalid", "authentication_error", "no_db_connection",
      "account_deactivated", "permission_denied", "permission_error", "unauthenticated",
      "unauthorized", "auth_error", "invalid_authentication", "access_denied",
      "token_not_found_in_db", "key_model_access_denied"},
     {"invalid api key",
      "incorrect api key",
      "api key not valid",
      "api key*invalid",
      "api key*not found",
      "api key*expired",
      "invalid api_key",
      "missing api key",
      "no api key",
      "no connected db",
      "invalid*authentication",
      "authentication error",
      "invalid x-api-key",
      "invalid api token",
      "invalid*credentials",
      "unauthorized",
      "not authorized",
      "no auth credentials",
      "access denied",
      "subscription key",
      "does not have*permission",
      "not have access",
      "not allowed to access model"}},
    {SM_FAULT_CONTEXT,
     {400, 413, 422, 500, 2},
     {"context_length_exceeded", "exceed_context_size_error", "string_above_max_length",
      "request_too_large", "contextwindowexceedederror", "input_too_long"},
     {"context length", "context size", "context window", "context limit", "maximum context",
      "context_length", "prompt is too long", "prompt too long", "input is too long",
      "input too long", "too many tokens", "too many input tokens", "input token*exceed",
      "prompt token*exceed", "input length*exceed", "request too large", "reduce the length",
      "longer than the model", "max_tokens must be at least"}},
    {SM_FAULT_CONTEXT, /* of a minute: no wait makes room for it, whatever the code says of rates */
     {429},
     {NULL},
     {"request too large", "request is too large", "tokens must be reduced"}},
    {SM_FAULT_MODEL,
     {400, 404, 422, 2},
     {"model_not_found", "deploymentnotfound", "invalid_model", "not_found_error", "modelnotfound",
      "model_not_available"},
     {"invalid model name", "invalid model*passed", "model*not found", "model*does not exist",
      "model not exist", "not a valid model", "no such model", "unknown model", "invalid model id",
      "invalid model:", "invalid model specified", "model*is not available", "model*not loaded",
      "try pulling it", "deployment*does not exist", "no endpoints found for", "no models loaded",
      "model*could not be found"}},
    {SM_FAULT_TOKENS,
     {400, 422, 2},
     {"max_tokens_exceeded"},
     {"max_tokens*too large", "max_tokens*too high", "max_tokens*at most", "max_tokens*maximum",
      "max_tokens*less than", "max_tokens*exceed", "max_tokens*limit", "max_tokens*between",
      "max_tokens*must be", "max_tokens*>", "max_completion_tokens*too large",
      "max_completion_tokens*at most", "max_completion_tokens*maximum",
      "max_completion_tokens*less than", "max_completion_tokens*exceed",
      "maximum*completion tokens", "maximum*output tokens", "maxoutputtokens*range"}},
    {SM_FAULT_RATE,
     {400, 429, 500, 503, 2},
     {"rate_limit_exceeded", "rate_limit_error", "throttlingexception", "resource_exhausted",
      "too_many_requests", "throttling_error"},
     {"rate limit", "too many requests", "throttlingexception"}},
    {SM_FAULT_UNTAKEN, /* of the system's role */
     {400, 422, 500, 2},
     {NULL},
     {"system role not supported", "system role is not supported", "system messages are not",
      "system message*not supported", "role*system*not supported", "not support*system",
      "roles must alternate", "only user and assistant roles", "only user, assistant",
      "developer instruction is not enabled", "system instruction*not", "unsupported role*system",
      "unknown role*system", "unexpected role*system", "invalid role*system",
      "role*should be 'user' or 'assistant'", "role*must be one of*user, assistant]",
      "not support*developer"}},
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* --- Reading them --- */

static bool fits_status(const struct sign *sign, long status)
{
    for (size_t i = 0; i < COUNT(sign->statuses) && sign->statuses[i]; i++) {
        if (sign->statuses[i] == status || sign->statuses[i] == status / 100)
            return true;
    }
    return false;
}

static enum sm_fault_reason reason_of_status(long status)
{
    switch (status) {
    case 401:
        return SM_FAULT_KEY;
    case 402:
        return SM_FAULT_BUDGET;
    case 403:
        return SM_FAULT_FORBIDDEN;
    case 404:
    case 405:
        return SM_FAULT_PATH;
    case 407:
        return SM_FAULT_PROXY;
    case 413:
        return SM_FAULT_CONTEXT;
    case 429:
        return SM_FAULT_RATE;
    default:
        return status >= 300 && status < 400 ? SM_FAULT_MOVED : SM_FAULT_OTHER;
    }
}

/* A quota that is back after a wait is a rate; Google tells both in the same words. Others give an
 * empty quota the code of a rate: with 429 that one says nothing. */
static bool counts(const struct sign *sign, const struct sm_complaint *c, long status)
{
    if (sign->reason == SM_FAULT_RATE)
        return status != 429 && fits_status(sign, status);
    return !(sign->reason == SM_FAULT_BUDGET && c->wait_s > 0);
}

static enum sm_fault_reason reason_of(long status, const struct sm_complaint *c, const char *text,
                                      const char **param)
{
    for (size_t i = 0; i < COUNT(signs); i++) {
        if (sm_has_any_word(&c->codes, signs[i].codes, EACH) && counts(&signs[i], c, status) &&
            (status < 500 || fits_status(&signs[i], status)))
            return signs[i].reason;
    }
    for (size_t i = 0; i < COUNT(signs); i++) {
        if (!fits_status(&signs[i], status) || !sm_says_any(text, signs[i].words, EACH) ||
            !counts(&signs[i], c, status))
            continue;
        *param = signs[i].reason == SM_FAULT_UNTAKEN ? "system_role" : NULL;
        return signs[i].reason;
    }
    bool readable = status == 400 || status == 422 || status < 300;
    if (readable && (*param = sm_untaken_param(c, text)))
        return SM_FAULT_UNTAKEN;
    return reason_of_status(status);
}

/* --- What is to be done --- */

static bool may_retry(long status, int should_retry)
{
    static const short final[] = {501, 505, 506, 508, 510, 511};
    if (should_retry >= 0)
        return should_retry;
    for (size_t i = 0; i < COUNT(final); i++) {
        if (status == final[i])
            return false;
    }
    bool strange = status < 300; /* success with something that is not a completion */
    return status == 408 || status == 409 || status == 425 || status == 429 || status >= 500 ||
           strange;
}

static enum sm_fault_kind kind_of(enum sm_fault_reason reason, bool transient)
{
    switch (reason) {
    case SM_FAULT_REFUSAL:
        return SM_FAULT_REFUSED;
    case SM_FAULT_UNTAKEN:
        return SM_FAULT_PARAM;
    case SM_FAULT_CONTEXT:
        return SM_FAULT_CALL;
    case SM_FAULT_FORMAT:
        return SM_FAULT_RETRY;
    case SM_FAULT_FORBIDDEN:
    case SM_FAULT_RATE:
    case SM_FAULT_OTHER:
        return transient ? SM_FAULT_RETRY : SM_FAULT_CALL;
    default:
        return SM_FAULT_FATAL;
    }
}

static const char *remedy_of(enum sm_fault_reason reason)
{
    static const char *const remedies[] = {
        [SM_FAULT_KEY] = "check the API key in the environment or .env (see sm-llm(7))",
        [SM_FAULT_FORBIDDEN] = "check the API key in the environment or .env (see sm-llm(7)), and "
                               "what it may do",
        [SM_FAULT_BUDGET] = "the account has no quota or credit left: top it up, then run the same "
                            "command again (answers already paid for are kept)",
        [SM_FAULT_PLACE] = "take a provider that serves the place where you are",
        [SM_FAULT_MODEL] = "check --model and --base-url: the endpoint knows no such model",
        [SM_FAULT_PATH] = "check --model and --base-url: the endpoint knows no such model or path",
        [SM_FAULT_MOVED] = "check --base-url: the endpoint has moved, and redirects are not "
                           "followed",
        [SM_FAULT_PROXY] = "the proxy wants credentials: give them in its variable, as in "
                           "http://USER:PASSWORD@HOST:PORT",
        [SM_FAULT_CONTEXT] = "the prompt is longer than the model's context: use a model with a "
                             "longer one, or --max-labeled, --max-bootstrapped, --max-history",
        [SM_FAULT_TOKENS] = "lower --max-tokens: the model cannot write so many",
        [SM_FAULT_FORMAT] = "the model does not keep to the form of the reply: take a larger one",
        [SM_FAULT_UNTAKEN] = "take another model, or a server that can be told to take it",
    };
    return remedies[reason];
}

static void tell(const struct sm_complaint *c, long status, struct sm_fault *fault,
                 struct sm_err *err)
{
    bool ours = status < 300 && !c->said;
    bool provider = fault->kind == SM_FAULT_FATAL || fault->reason == SM_FAULT_FORBIDDEN;
    const char *text = sm_buf_text(&c->message);
    const char *own = ours ? "the answer is no chat completion" : *text ? "" : "no reason is given";
    sm_err_set(err, provider ? SM_EXIT_PROVIDER : SM_EXIT_PARTIAL, remedy_of(fault->reason),
               "HTTP %ld: %s%s%s", status, own, *own && *text ? ": " : "", text);
}

struct sm_fault sm_fault_read(long status, const char *body, size_t len, const char *why,
                              int should_retry, struct sm_err *err)
{
    struct sm_fault fault = {.kind = SM_FAULT_RETRY};
    if (status == 0) {
        sm_err_set(err, SM_EXIT_PARTIAL, NULL, "%s", why);
        return fault;
    }
    struct sm_complaint c;
    sm_complaint_read(&c, body, len);
    if (status < 300 && c.status)
        status = c.status;
    char *text = sm_own_words(c.said || (status >= 300 && !c.page) ? sm_buf_text(&c.message) : "");
    fault.reason = reason_of(status, &c, text, &fault.param);
    fault.kind = kind_of(fault.reason, may_retry(status, should_retry));
    fault.wait_s = c.wait_s;
    fault.page = c.page;
    tell(&c, status, &fault, err);
    free(text);
    sm_complaint_release(&c);
    return fault;
}
