/* sm-llm --check: one question to the endpoint, and what its answer tells. */
#ifndef CMD_LLM_CHECK_H
#define CMD_LLM_CHECK_H

#include "cmd/common/client.h"

/* Asks and writes the report to standard output; the client was opened with `forget`.
 * False with `err`: the endpoint gave no answer, or a signal came. */
bool check_endpoint(struct app *app, const struct client *client, struct sm_err *err);

#endif
