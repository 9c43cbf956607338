/* A completion, read from what a chat endpoint sends back. */
#ifndef SM_LLM_COMPLETION_H
#define SM_LLM_COMPLETION_H

#include "lib/base/buf.h"
#include "lib/json/record_words.h"

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an answer may hold, so that nobody's answer takes the machine's memory: a long reply with
 * the probabilities of all its tokens has less. Of its values, libjq takes up to 400 bytes each. */
#define SM_COMPLETION_MAX_BYTES ((size_t)16 << 20)
#define SM_COMPLETION_VALUES_MAX ((size_t)500000)

/* A completion read from an endpoint's JSON. Owns `root` and `text`; the others are borrowed from
 * them. */
struct sm_completion {
    jv root;
    char *text;
    const char *content; /* of the message; without one, what it thought; "" if there is neither */
    size_t content_len;
    const char *model; /* as the endpoint names it, or NULL */
    bool truncated;    /* it ran into a limit of tokens */
    bool refused;      /* the model or a filter declined */
    const char *why;   /* it was refused: its words, or the finish_reason; or NULL */
    struct sm_usage usage;
};

/* The `logprobs` of the reply's tokens, for the caller to free; an invalid jv without them. */
jv sm_completion_logprobs(const struct sm_completion *completion);

/* Reads an answer in any of its forms: with white space, a byte order mark, comments or a mark of
 * the end around it, an event stream, text in another member. What is to be kept of it, JSON on one
 * line that is read the same way, is appended to `line`. False if it is not a completion (not JSON,
 * an error, no choices, more than SM_COMPLETION_VALUES_MAX values); `line` then may hold the error.
 */
bool sm_completion_parse(const char *body, size_t len, struct sm_buf *line,
                         struct sm_completion *completion);

/* Appends a completion for a prompt that was declined by an error instead of by a completion, as
 * one line: finish_reason content_filter, and `why` as its `refusal`. */
void sm_completion_refusal(struct sm_buf *out, const char *model, const char *why);

void sm_completion_release(struct sm_completion *completion);

#endif
