/* A request of sm-llm, as a line of its input has it. */
#ifndef CMD_LLM_REQUEST_H
#define CMD_LLM_REQUEST_H

#include "cmd/common/client.h"

#include <jv.h>

struct llm_request {
    char *messages; /* for sm_llm_ask(), which consumes it */
    char *id;       /* its custom_id, as JSON text; else of its line's number */
    char *model;    /* its own, or NULL */
    jv members;     /* of its body, other than those that the client writes */
    double temperature;
    long max_tokens; /* or 0 */
};

/* False with `err`, and nothing to release, if the line is no request for a chat. */
bool llm_request_read(struct llm_request *request, const char *line, size_t len, size_t number,
                      const struct client_options *set, struct sm_err *err);
void llm_request_release(struct llm_request *request);

#endif
