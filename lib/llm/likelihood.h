/* How likely a model finds a reply that is given: log p(reply | conversation), natural, of each of
 * the reply's tokens. No token is generated that would be used.
 *
 * Three ways lead there, and which one an endpoint has is found out once and kept in the store:
 * - echo: POST /completions with `echo` and `logprobs` (llama-cpp-python, Together, vLLM).
 *   The conversation is a plain transcript, since no chat template is known.
 * - chat: vLLM's `prompt_logprobs` on chat completions, with /tokenize to tell where the reply
 *   begins.
 * - forced: llama.cpp's server, whose completions answer log probabilities of generated tokens
 *   alone, generates under a grammar that admits nothing but the reply; /apply-template writes the
 *   conversation. */
#ifndef SM_LLM_LIKELIHOOD_H
#define SM_LLM_LIKELIHOOD_H

#include "lib/llm/client.h"

struct sm_likelihood;

/* Borrows `llm`. NULL with `err`: the endpoint has none of the ways (SM_EXIT_PROVIDER), or it is
 * not known which one, and it cannot be asked. */
struct sm_likelihood *sm_likelihood_open(struct sm_llm *llm, struct sm_err *err);
void sm_likelihood_close(struct sm_likelihood *likelihood);

/* "echo", "chat" or "forced". */
const char *sm_likelihood_way(const struct sm_likelihood *likelihood);

/* Whether `text` is what the store keeps of a likelihood, and what it took. */
bool sm_likelihood_is_recorded(const char *text, size_t len, struct sm_usage *usage);

/* What is asked; the strings are consumed. */
struct sm_likelihood_ask {
    char *messages;   /* the conversation before the reply, a JSON array of {role, content} */
    char *transcript; /* the same as text, up to where the reply begins */
    char *reply;      /* not empty */
};

/* Borrowed for the time of the callback. */
struct sm_likelihood_answer {
    const struct sm_err *error; /* not NULL: no answer, and nothing else is set but `tried` */
    unsigned tried;
    double sum;    /* of the log probabilities */
    size_t tokens; /* of the reply */
    struct sm_usage usage;
    double ms; /* as measured when it was paid; so is `usage` */
    const char *model;
};

typedef void sm_likelihood_fn(void *arg, const struct sm_likelihood_answer *answer);

/* `done` is called from a later sm_llm_turn(). */
void sm_likelihood_ask(struct sm_likelihood *likelihood, const struct sm_likelihood_ask *ask,
                       sm_likelihood_fn *done, void *arg);

#endif
