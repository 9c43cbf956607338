/* Answers to /v1/embeddings: a text's words, counted, as a vector. */
#ifndef MOCK_EMBED_H
#define MOCK_EMBED_H

#include "tests/mock/call.h"
#include "tests/mock/reply.h"

/* Dies if there is no shape of that name; NULL is none. */
void embed_check(const char *shape);

/* False: the call is no such one. A NULL shape answers that the path is not found. */
bool embed_answers(const char *shape, const struct call *call, struct reply *reply);

#endif
