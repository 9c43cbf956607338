/* The body of a request, written as its model is known to take it. */
#ifndef SM_LLM_INTERNAL_REQUEST_H
#define SM_LLM_INTERNAL_REQUEST_H

#include "lib/llm/client.h"
#include "lib/llm/internal/model.h"

/* Appends the body of a chat: as the model is known to take it, or, for the store, as it was asked
 * for, whatever the model takes. */
enum sm_request_form { SM_REQUEST_SENT, SM_REQUEST_ASKED };
void sm_request_write(const struct sm_llm_config *config, const struct sm_model *model,
                      const struct sm_ask *ask, enum sm_request_form form, struct sm_buf *body);

/* How many tokens a reply may have. */
long sm_request_max_tokens(const struct sm_llm_config *config, const struct sm_ask *ask);

/* The most tokens that a request of `bytes` bytes can take, of all the replies that it asks for;
 * and about how many it takes. */
struct sm_usage sm_request_most(const struct sm_llm_config *config, const struct sm_ask *ask,
                                size_t bytes);
int64_t sm_request_tokens(const struct sm_llm_config *config, const struct sm_ask *ask,
                          size_t bytes);

#endif
