#include "lib/llm/fault.h"

#include "lib/json/json.h"

#include <jv.h>
#include <string.h>
#include <strings.h>

/* The `error` object of a body; Gemini wraps it in a list. */
static jv error_object(const char *body, size_t len)
{
    jv root = jv_invalid();
    if (!len || !sm_json_parse(body, len, &root, NULL))
        return jv_invalid();
    if (jv_get_kind(root) == JV_KIND_ARRAY)
        root = jv_array_get(root, 0);
    jv error = sm_json_get(root, "error");
    if (jv_get_kind(error) == JV_KIND_STRING)
        error = jv_object_set(jv_object(), jv_string("message"), error);
    jv_free(root);
    return error;
}

static bool mentions(const char *text, const char *word)
{
    size_t len = strlen(word);
    for (; text && *text; text++) {
        if (strncasecmp(text, word, len) == 0)
            return true;
    }
    return false;
}

/* The parameter that an error is about, if we can do without it. */
static const char *unsupported_param(jv error, const char *message)
{
    static const struct {
        const char *param, *words[4];
    } known[] = {
        {"response_format", {"response_format", "json_schema", "guided", "structured output"}},
        {"max_tokens", {"max_tokens", "max_completion_tokens"}},
        {"temperature", {"temperature"}},
        {"logprobs", {"logprobs"}},
        {"seed", {"seed"}},
    };
    const char *param = sm_json_text(error, "param", NULL);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (param && strncmp(param, known[i].param, strlen(known[i].param)) == 0)
            return known[i].param;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        for (size_t k = 0; k < 4 && known[i].words[k]; k++) {
            if (mentions(message, known[i].words[k]))
                return known[i].param;
        }
    }
    return NULL;
}

static bool is_fatal(long status, const char *code, const char *message, const char **remedy)
{
    if (status == 402 || (code && strcmp(code, "insufficient_quota") == 0) ||
        (status == 429 && mentions(message, "insufficient_quota"))) {
        *remedy = "the account has no quota or credit left: top it up, then run the same command "
                  "again (answers already paid for are kept)";
        return true;
    }
    if (status == 401 || status == 403) {
        *remedy = "check the API key in the environment or .env (see sm-llm(7))";
        return true;
    }
    if (status >= 300 && status < 400) {
        *remedy = "check --base-url: the endpoint has moved, and redirects are not followed";
        return true;
    }
    if (status == 404) {
        *remedy = "check --model and --base-url: the endpoint knows no such model or path";
        return true;
    }
    return false;
}

static bool too_long(const char *code, const char *message)
{
    return (code && strcmp(code, "context_length_exceeded") == 0) ||
           mentions(message, "context length") || mentions(message, "context size") ||
           mentions(message, "context window") || mentions(message, "maximum context");
}

static bool may_retry(long status, int should_retry)
{
    if (should_retry >= 0)
        return should_retry;
    bool strange = status < 300; /* a 200 that is not a completion */
    return status == 408 || status == 409 || status == 429 || status >= 500 || strange;
}

struct sm_fault sm_fault_read(long status, const char *body, size_t len, const char *why,
                              int should_retry, struct sm_err *err)
{
    jv error = error_object(body, len);
    const char *message = sm_json_text(error, "message", NULL);
    const char *code = sm_json_text(error, "code", NULL);
    double numeric = sm_json_number(error, "code", 0);
    if (status == 200 && numeric >= 400 && numeric < 600)
        status = (long)numeric;
    const char *remedy = NULL;
    bool transient = status == 0 || may_retry(status, should_retry);
    struct sm_fault fault = {.kind = SM_FAULT_CALL};
    if (status != 0 && is_fatal(status, code, message, &remedy))
        fault.kind = SM_FAULT_FATAL;
    else if (status >= 400 && status < 500 && too_long(code, message))
        remedy = "the prompt is longer than the model's context: use a model with a longer one, or "
                 "--max-labeled, --max-bootstrapped, --max-history";
    else if ((status == 400 || status == 422) && (fault.param = unsupported_param(error, message)))
        fault.kind = SM_FAULT_PARAM;
    else if (transient)
        fault.kind = SM_FAULT_RETRY;
    if (status == 0)
        sm_err_set(err, SM_EXIT_PARTIAL, NULL, "%s", why);
    else
        sm_err_set(err, fault.kind == SM_FAULT_FATAL ? SM_EXIT_PROVIDER : SM_EXIT_PARTIAL, remedy,
                   "HTTP %ld: %s", status, message ? message : "the answer is no chat completion");
    jv_free(error);
    return fault;
}
