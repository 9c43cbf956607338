/* sm-llm --check: asks the endpoint one question, and reports what the answer tells. */
#ifndef CMD_LLM_CHECK_H
#define CMD_LLM_CHECK_H

#include "cmd/common/client.h"

/* Asks, and writes the report to standard output. The client must be opened with `forget`. False
 * with `err` if the endpoint gives no answer, or after a signal. */
bool check_endpoint(struct app *app, const struct client *client, struct sm_err *err);

#endif
