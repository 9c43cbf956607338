/* A chat call as it came in. */
#ifndef MOCK_CALL_H
#define MOCK_CALL_H

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>

struct call {
    long number; /* among all calls, from 1 */
    const char *path;
    jv headers;        /* an object, names in lower case; empty unless they are logged */
    const char *bytes; /* the body as it came */
    size_t len;
    jv body; /* the same, parsed */
    /* The contents of all messages, one after another; where there are none, `prompt` or `content`.
     * Owned. */
    char *text;
    const char *last; /* within `text`: the content of the last message */
};

/* Fills body, text and last from bytes; false if the bytes are no JSON object. Either way
 * call_free() frees these three; the rest is borrowed. */
bool call_read(struct call *call);
void call_free(struct call *call);

#endif
