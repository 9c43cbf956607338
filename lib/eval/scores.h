/* Verdicts counted: of one user as they come, and summed. */
#ifndef SM_EVAL_SCORES_H
#define SM_EVAL_SCORES_H

#include "lib/eval/bias.h"
#include "lib/eval/cost.h"
#include "lib/eval/verdict.h"

/* Counts of verdicts, unless said otherwise. All-zero is the empty tally. */
struct sm_tally {
    size_t n, correct, ties; /* of those with a label; a tie is not correct */
    size_t pairs;            /* with a verdict that has a label */
    size_t unlabeled;
    size_t unparsed, truncated, refused; /* by status, with or without a label */
    size_t failed;                       /* `error` records */
    size_t decided, first;               /* no tie; of these, for the reply shown first */
    size_t both, agreed;                 /* pairs with a verdict in both orders; of these, equal */
    size_t debiased, debiased_correct,
        debiased_ties;   /* labeled pairs with a verdict of both together */
    struct sm_cost cost; /* by the user's records of any kind */
    struct sm_bias bias;
};

/* Adds the counts of `part`. */
void sm_tally_add(struct sm_tally *tally, const struct sm_tally *part);

/* A user's verdicts as they come, each place taken once. Memory grows with the number of pairs. */
struct sm_scorer;

struct sm_scorer *sm_scorer_open(void);
void sm_scorer_close(struct sm_scorer *scorer);

/* How long a pair's replies are, in characters; to be told before its verdicts come. */
void sm_scorer_pair(struct sm_scorer *scorer, size_t index, size_t chosen, size_t rejected);

/* Counts a verdict, or one that failed. False: its place is taken, and nothing was counted. */
bool sm_scorer_verdict(struct sm_scorer *scorer, const struct sm_verdict *verdict);
bool sm_scorer_failed(struct sm_scorer *scorer, size_t index, bool reverse);

void sm_scorer_cost(struct sm_scorer *scorer, const struct sm_cost *cost);

/* Counts a failure that is not that of one verdict. */
void sm_scorer_failed_user(struct sm_scorer *scorer);

/* A pair and what was predicted of it in forward and reverse order. */
#define SM_NO_PREDICTION 2
struct sm_pair_predictions {
    size_t index;
    short prediction[2]; /* 1, -1, 0 or SM_NO_PREDICTION */
};

/* Appends the pairs that have a labeled verdict, in the order of their indices, to a list that
 * grows (see sm_grow()); returns how many it has then. */
size_t sm_scorer_outcomes(const struct sm_scorer *scorer, struct sm_pair_predictions **list,
                          size_t used, size_t *room);

/* The counts so far; lives as long as the scorer. */
const struct sm_tally *sm_scorer_tally(const struct sm_scorer *scorer);

#endif
