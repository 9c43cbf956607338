/* What an endpoint's error says, and what is to be done next. */
#ifndef SM_LLM_FAULT_H
#define SM_LLM_FAULT_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum sm_fault_kind {
    SM_FAULT_RETRY,   /* may work next time */
    SM_FAULT_PARAM,   /* the endpoint does not take parameter `param` */
    SM_FAULT_CALL,    /* this request will never work */
    SM_FAULT_REFUSED, /* a filter declines this prompt: that is its answer, with `err` the words */
    SM_FAULT_FATAL,   /* no request will work: key, quota, model */
};

/* Why; what is not named here has no remedy of its own. */
enum sm_fault_reason {
    SM_FAULT_OTHER,
    SM_FAULT_REFUSAL,   /* of the content */
    SM_FAULT_KEY,       /* it is wrong */
    SM_FAULT_FORBIDDEN, /* 403 without a word why: the key, or only this request */
    SM_FAULT_BUDGET,    /* nothing is left */
    SM_FAULT_PLACE,     /* the provider does not serve it */
    SM_FAULT_MODEL,     /* nobody knows it */
    SM_FAULT_PATH,      /* nobody knows it */
    SM_FAULT_MOVED,
    SM_FAULT_PROXY,   /* wants credentials */
    SM_FAULT_CONTEXT, /* the prompt is too long */
    SM_FAULT_TOKENS,  /* max_tokens is more than the model can write */
    SM_FAULT_RATE,    /* too many requests */
    SM_FAULT_FORMAT,  /* the reply that was generated does not follow the schema */
    SM_FAULT_UNTAKEN, /* a parameter */
};

struct sm_fault {
    enum sm_fault_kind kind;
    enum sm_fault_reason reason;
    /* "response_format", "temperature", "max_tokens", "seed", "logprobs" or "system_role" */
    const char *param;
    double wait_s; /* as the body asks; 0: it does not */
    bool page;     /* what came is a page, as of a proxy */
};

/* What an answer that is not a completion means. `status` is HTTP's; if it is 0 none came, and
 * `why` says what broke. `should_retry` is the value of x-should-retry; -1 if not sent. Fills
 * `err`. */
struct sm_fault sm_fault_read(long status, const char *body, size_t len, const char *why,
                              int should_retry, struct sm_err *err);

#endif
