/* What the mock sends back. */
#ifndef MOCK_REPLY_H
#define MOCK_REPLY_H

#include "tests/mock/call.h"

struct reply {
    unsigned status;
    jv headers; /* an object of texts */
    jv body;    /* a text */
    bool cut;   /* more is promised than the body; the connection ends behind it */
    double latency_ms;
};

/* The body is sent as it is if it is a text, else as JSON; consumed. */
struct reply reply_json(unsigned status, jv body);

/* An error of the mock's own. */
struct reply reply_error(unsigned status, const char *message);

/* The reply that an object in the form of a conversation file's `reply` describes; consumes it. */
struct reply reply_described(jv description, const struct call *call);

void reply_free(struct reply *reply);

#endif
