/* Answers to the question how likely a given text is, in the shapes of the servers that have one.
 */
#ifndef MOCK_WAY_H
#define MOCK_WAY_H

#include "tests/mock/call.h"
#include "tests/mock/planted.h"
#include "tests/mock/reply.h"

struct way {
    const char *name;              /* NULL: none */
    const struct planted *planted; /* borrowed */
    jv pieces; /* of forced: those of the tokens that were told, by token_key() */
};

/* Dies if there is no way of that name. `planted`: the rule of the likelihoods; NULL: the plain
 * one. */
struct way way_open(const char *name, const struct planted *planted);

/* False: the call is a chat, for others to answer. */
bool way_answers(struct way *way, const struct call *call, struct reply *reply);

/* What the answers to completions have in common; `choice` and `usage` are consumed. */
jv way_completion(const struct call *call, const char *object, jv choice, jv usage);
jv way_usage(size_t in, size_t out);

#endif
