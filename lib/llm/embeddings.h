/* Embeddings: a vector for a text, by POST /embeddings. Texts that are asked for at the same time
 * go together, up to 32 in a request; each is an answer of its own in the store, so that none is
 * paid for twice. */
#ifndef SM_LLM_EMBEDDINGS_H
#define SM_LLM_EMBEDDINGS_H

#include "lib/llm/client.h"

/* What is asked with; borrowed while any is under way. */
struct sm_embedder {
    struct sm_llm *llm;
    const char *model;
};

/* Borrowed for the time of the callback. */
struct sm_embedding {
    const struct sm_err *error; /* not NULL: no answer, and nothing else is set but `tried` */
    unsigned tried;
    const float *at; /* finite numbers */
    size_t count;    /* of them, at least one */
    struct sm_usage usage;
    double ms; /* as measured when it was paid; so is `usage` */
};

typedef void sm_embedding_fn(void *arg, const struct sm_embedding *embedding);

/* `text` is valid UTF-8, and not empty. `done` is called from a later sm_llm_turn(). */
void sm_embedding_ask(const struct sm_embedder *embedder, const char *text, size_t len,
                      sm_embedding_fn *done, void *arg);

/* The cosine of the angle between two vectors of as many numbers; 0 where one of them is zero. */
double sm_embedding_cosine(const float *a, const float *b, size_t count);

/* Whether `text` is what the store keeps of an embedding, and what it took. */
bool sm_embedding_is_recorded(const char *text, size_t len, struct sm_usage *usage);

#endif
