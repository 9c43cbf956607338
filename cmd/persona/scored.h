/* A user's known choices, scored by criteria, and the weights that are fitted to them. */
#ifndef CMD_PERSONA_SCORED_H
#define CMD_PERSONA_SCORED_H

#include "lib/judge/weights.h"
#include "lib/stage/question.h"
#include "lib/stage/stage.h"

/* A pair of which the choice is known, in its one order. */
struct scored_pair {
    struct scored *scored;
    const struct sm_pair *pair;
    bool read; /* there are scores */
    double chosen[SM_WEIGHTS_MAX], rejected[SM_WEIGHTS_MAX];
};

struct scored {
    void (*done)(void *arg); /* all answers are in, or will not come */
    void *arg;
    jv criteria;                   /* [{name, description, weight}, …], at most SM_WEIGHTS_MAX */
    double stated[SM_WEIGHTS_MAX]; /* their weights, the absolute values summing to 1 */
    size_t criteria_count;
    struct scored_pair *pairs;
    size_t count, under_way, pending;
    bool failed;
    struct sm_err why;
    unsigned tried;
    struct sm_usage usage;
    double ms;
};

/* Whether the choice is known and the pair is not held out. */
bool scored_takes(const struct sm_pair *pair);

/* Asks for the scores of all these pairs, each once, in the order of its flip. `scored` is all-zero
 * but for done, arg, criteria, stated and criteria_count. False, asking nothing, where there is no
 * such pair or the prompt program fails, which `why` says. */
bool scored_ask(struct scored *scored, const struct sm_asker *asker, const struct sm_user *user);
void scored_release(struct scored *scored);

/* Fits the weights and appends ,"criteria":[…],"fit":{…}. */
void scored_write(const struct scored *scored, struct sm_buf *out);

#endif
