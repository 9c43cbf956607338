/* A question put to the model by a prompt program: asked, parsed, and asked again with a rising
 * temperature when the reply cannot be used, four tries in all. */
#ifndef SM_QUESTION_H
#define SM_QUESTION_H

#include "llm.h"
#include "prompt.h"

#include <jv.h>
#include <stdbool.h>
#include <stdint.h>

#define SM_TRIES_MAX 4

/* What questions are asked with; borrowed for as long as any is under way. */
struct sm_asker {
    struct sm_llm *llm;
    struct sm_prompts *prompts;
    double temperature; /* of a first try */
};

enum sm_status { SM_STATUS_OK, SM_STATUS_UNPARSED, SM_STATUS_TRUNCATED, SM_STATUS_REFUSED };
const char *sm_status_name(enum sm_status status);

/* What came of it. Borrowed for the time of the callback. */
struct sm_outcome {
    const struct sm_err *error; /* not NULL: no answer could be had, and only `tried` is set */
    unsigned tried;
    enum sm_status status;
    jv value; /* what the program's `reply` made of the reply; invalid unless the status is ok */
    const char *model;
    int64_t tokens_in, tokens_out, tokens_cached; /* of all tries, */
    double ms;                                    /* so is this */
};

typedef void sm_outcome_fn(void *arg, const struct sm_outcome *outcome);

/* Asks; `messages` (a JSON array, consumed) were made by the same `program`. `outcome` is called
 * from a later sm_llm_turn(). */
void sm_question_ask(const struct sm_asker *asker, const char *program, char *messages,
                     sm_outcome_fn *outcome, void *arg);

/* ,"tokens":{"in":…,"out":…,"cached":…},"ms":… for records. */
void sm_outcome_cost(struct sm_buf *out, int64_t in, int64_t tokens_out, int64_t cached, double ms);

#endif
