/* What a chat endpoint sends back: a completion, or an error that says what to do next. */
#ifndef SM_LLM_COMPLETION_H
#define SM_LLM_COMPLETION_H

#include "lib/base/err.h"
#include "lib/json/record_words.h"

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A completion read from an endpoint's JSON. Owns `root`; the texts are borrowed from it. */
struct sm_completion {
    jv root;
    const char *content; /* "" if there is none */
    size_t content_len;
    const char *model; /* as the endpoint names it, or NULL */
    bool truncated;    /* finish_reason length */
    bool refused;      /* a `refusal`, or finish_reason content_filter */
    struct sm_usage usage;
};

/* The `logprobs` of the reply's tokens, for the caller to free; an invalid jv without them. */
jv sm_completion_logprobs(const struct sm_completion *completion);

/* False if `body` is not a completion (not JSON, an error, no choices). */
bool sm_completion_parse(const char *body, size_t len, struct sm_completion *completion);
void sm_completion_release(struct sm_completion *completion);

enum sm_fault_kind {
    SM_FAULT_RETRY, /* may work next time */
    SM_FAULT_PARAM, /* the endpoint does not take parameter `param` */
    SM_FAULT_CALL,  /* this request will never work */
    SM_FAULT_FATAL, /* no request will work: key, quota, model */
};

struct sm_fault {
    enum sm_fault_kind kind;
    const char *param; /* "response_format", "temperature", "max_tokens", "seed" or "logprobs" */
};

/* What an answer that is not a completion means. `status` is HTTP's; if it is 0 none came, and
 * `why` says what broke. `should_retry` is the value of x-should-retry; -1 if not sent. Fills
 * `err`. */
struct sm_fault sm_fault_read(long status, const char *body, size_t len, const char *why,
                              int should_retry, struct sm_err *err);

#endif
