/* sm-llm --check: one question to the endpoint, and what its answer tells. */
#ifndef CMD_LLM_CHECK_H
#define CMD_LLM_CHECK_H

#include "cmd/common/app.h"

/* Asks and writes the report to standard output; app->llm was opened with app->forget. False with
 * `err` filled: the endpoint gave no answer. */
bool check_endpoint(struct app *app, struct sm_err *err);

#endif
