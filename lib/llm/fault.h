/* What an endpoint's error says, and what is to be done next. */
#ifndef SM_LLM_FAULT_H
#define SM_LLM_FAULT_H

#include "lib/base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum sm_fault_kind {
    SM_FAULT_RETRY,   /* may work next time */
    SM_FAULT_PARAM,   /* the endpoint does not take parameter `param` */
    SM_FAULT_CALL,    /* this request will never work */
    SM_FAULT_FATAL,   /* no request will work: key, quota, model */
    SM_FAULT_REFUSED, /* a filter declined this prompt: that is its answer, with `err` the words */
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
