/* What a call is answered: what the conversation says, with the faults as its first lines, and what
 * it leaves open is decided by the rule. */
#ifndef MOCK_ANSWER_H
#define MOCK_ANSWER_H

#include "tests/mock/options.h"
#include "tests/mock/reply.h"
#include "tests/mock/script.h"
#include "tests/mock/way.h"

#include <stdio.h>

struct answers {
    struct script script;
    struct way way;
    const char *embeddings;  /* NULL: none */
    const struct rule *rule; /* NULL: none */
    FILE *log;               /* NULL: none */
};

/* Opens what the options, which are borrowed, name, for the life of the process. Dies of what
 * cannot be used. */
struct answers answers_open(const struct options *options);

/* Reads the call's body, answers and logs it. */
struct reply answer(struct answers *answers, struct call *call);

#endif
