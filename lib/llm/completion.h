/* A completion, read from what a chat endpoint sends back. */
#ifndef SM_LLM_COMPLETION_H
#define SM_LLM_COMPLETION_H

#include "lib/base/buf.h"
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

/* Appends a completion for a prompt that was declined by an error instead of by a completion, as
 * one line: finish_reason content_filter, and `why` as its `refusal`. */
void sm_completion_refusal(struct sm_buf *out, const char *model, const char *why);

void sm_completion_release(struct sm_completion *completion);

#endif
