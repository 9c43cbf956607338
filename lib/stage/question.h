/* A question put to the model by a prompt program: asked, parsed, and asked again with a rising
 * temperature when the reply cannot be used, four tries in all. */
#ifndef SM_STAGE_QUESTION_H
#define SM_STAGE_QUESTION_H

#include "lib/llm/client.h"
#include "lib/llm/completion.h"
#include "lib/stage/prompts.h"

#include <jv.h>
#include <stdbool.h>
#include <stdint.h>

#define SM_TRIES_MAX 4

/* What questions are asked with; borrowed for as long as any is under way. */
struct sm_asker {
    struct sm_llm *llm;
    struct sm_prompts *prompts;
    double temperature; /* of a first try */
    bool logprobs;      /* ask for the probabilities of the reply's tokens */
};

/* What came of it. Borrowed for the time of the callback. */
struct sm_outcome {
    const struct sm_err *error; /* not NULL: no answer could be had, and only `tried` is set */
    unsigned tried;
    enum sm_status status;
    jv value; /* what the program's `reply` made of the reply; invalid unless the status is ok */
    const char *model;
    struct sm_usage usage; /* of all tries, */
    double ms;             /* so is this */
    jv logprobs;           /* of the last reply; invalid where it has none */
};

typedef void sm_outcome_fn(void *arg, const struct sm_outcome *outcome);

/* Asks; `messages` (a JSON array, consumed) were made by the same `program`. `vote` is 0, or
 * another number for another answer to the same question. `outcome` is called from a later
 * sm_llm_turn(). */
void sm_question_ask(const struct sm_asker *asker, const char *program, char *messages, int vote,
                     sm_outcome_fn *outcome, void *arg);

/* Appends ,"tokens":{"in":…,"out":…,"cached":…,"reasoning":…},"cost":…,"ms":… for records; `cost`
 * (US dollars) only where the model's price is known. */
void sm_asker_cost(const struct sm_asker *asker, struct sm_buf *out, const struct sm_usage *usage,
                   double ms);

#endif
