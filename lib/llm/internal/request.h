/* The body of a request, written as its model is known to take it. */
#ifndef SM_LLM_INTERNAL_REQUEST_H
#define SM_LLM_INTERNAL_REQUEST_H

#include "lib/llm/client.h"
#include "lib/llm/internal/model.h"

/* Appends the body of a chat with a model that lacks the set `lacks` (see model.h). Returns how
 * many bytes of it are before its last message, at least: other calls may begin with them too. */
size_t sm_request_write(const struct sm_llm_config *config, const struct sm_model *model,
                        unsigned lacks, const struct sm_ask *ask, struct sm_buf *body);

/* The messages with the system's moved into the first one of the user's, for templates that have no
 * such role, for the caller to free. NULL if there are none. */
char *sm_request_fold_system(const char *messages);

/* How many tokens a reply may have. */
long sm_request_max_tokens(const struct sm_llm_config *config, const struct sm_ask *ask);

/* How many replies a request asks for: each is paid for. */
int64_t sm_request_replies(const struct sm_ask *ask);

/* The most tokens that a request of `bytes` bytes can take, of all the replies that it asks for;
 * and about how many it takes. */
struct sm_usage sm_request_most(const struct sm_llm_config *config, const struct sm_ask *ask,
                                size_t bytes);
int64_t sm_request_tokens(const struct sm_llm_config *config, const struct sm_ask *ask,
                          size_t bytes);

#endif
