/* A question that a prompt program puts to the model. A reply that cannot be parsed is asked for
 * again at a higher temperature, four tries in all. */
#ifndef SM_STAGE_QUESTION_H
#define SM_STAGE_QUESTION_H

#include "lib/llm/client.h"
#include "lib/llm/completion.h"
#include "lib/stage/endings.h"
#include "lib/stage/prompts.h"

#include <jv.h>
#include <stdbool.h>
#include <stdint.h>

#define SM_TRIES_MAX 4

/* What questions are asked with; borrowed while any is under way. */
struct sm_asker {
    struct sm_llm *llm;
    struct sm_prompts *prompts;
    double temperature;         /* of the first try */
    bool logprobs;              /* asks for the probabilities of the reply's tokens */
    struct sm_endings *endings; /* counts those that have an answer; or NULL */
};

/* How a question ended. Borrowed during the callback. */
struct sm_outcome {
    const struct sm_err *error; /* if not NULL there is no answer, and only `tried` counts */
    unsigned tried;
    int vote; /* as asked */
    enum sm_status status;
    jv value; /* what the program's `reply` gave; invalid unless the status is ok */
    const char *model;
    struct sm_usage usage; /* of all tries */
    double ms;             /* of all tries */
    jv logprobs;           /* of the last reply; invalid if it has none */
};

typedef void sm_outcome_fn(void *arg, const struct sm_outcome *outcome);

/* Asks. `messages`, a JSON array that is consumed, come from the same `program`. `vote` is 0, or
 * another number for another answer to the same question. A later sm_llm_turn() calls `outcome`. */
void sm_question_ask(const struct sm_asker *asker, const char *program, char *messages, int vote,
                     sm_outcome_fn *outcome, void *arg);

/* The same; the program's `reply` also gets the members of `about`, an object that is consumed. */
void sm_question_ask_about(const struct sm_asker *asker, const char *program, char *messages,
                           jv about, int vote, sm_outcome_fn *outcome, void *arg);

/* Appends ,"tokens":{"in":…,"out":…,"cached":…,"reasoning":…},"cost":…,"ms":… for records; `cost`
 * (US dollars) only if the price is known. */
void sm_asker_cost(const struct sm_asker *asker, struct sm_buf *out, const struct sm_usage *usage,
                   double ms);

#endif
