/* The requests of each way to a likelihood, and what their answers say. */
#ifndef SM_LLM_INTERNAL_LIKELIHOOD_WAYS_H
#define SM_LLM_INTERNAL_LIKELIHOOD_WAYS_H

#include "lib/llm/client.h"
#include "lib/llm/internal/endpoint.h"

/* A reply, and where it begins in what is sent. */
struct sm_given {
    const char *transcript; /* of echo: the text before the reply */
    const char *reply;
    size_t prefix_tokens; /* of chat: tokens before the reply */
};

/* Their post_arg is a struct sm_given; they keep {"logprobs":[…],"usage":{…}}. */
extern const struct sm_post sm_echo_post, sm_chat_post, sm_forced_post;

/* They keep an object with the member `prompt`, `grammar` (of forced) or `count` (of chat). */
extern const struct sm_post sm_template_post, sm_pieces_post, sm_tokenize_post;

/* Append the body of a request. `messages` is a JSON array. */
void sm_echo_body(struct sm_buf *out, const char *model, const struct sm_given *given);
void sm_chat_body(struct sm_buf *out, const char *model, const char *messages,
                  const struct sm_given *given);
void sm_forced_body(struct sm_buf *out, const char *prompt, const char *grammar,
                    const struct sm_given *given);
void sm_pieces_body(struct sm_buf *out, const char *reply);
void sm_template_body(struct sm_buf *out, const char *messages);
void sm_tokenize_body(struct sm_buf *out, const char *model, const char *messages);

enum sm_way { SM_WAY_FORCED, SM_WAY_CHAT, SM_WAY_ECHO, SM_WAYS };

/* Whether an endpoint has the way: a small reply is asked for, with all steps, and waited for.
 * False with `err` if nothing can be asked: it cannot be reached, or refuses the key. */
bool sm_way_probe(const struct sm_endpoint *endpoint, const char *model, enum sm_way way,
                  struct sm_err *err);

/* Reads what a way has kept. False: it is not that. */
bool sm_way_read(const char *kept, size_t len, double *sum, size_t *tokens, struct sm_usage *usage);

#endif
