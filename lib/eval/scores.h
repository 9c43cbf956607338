/* Counts verdicts: of one user as they come, and in sum. */
#ifndef SM_EVAL_SCORES_H
#define SM_EVAL_SCORES_H

#include "lib/eval/bias.h"
#include "lib/eval/cost.h"
#include "lib/eval/verdict.h"

/* Counts of verdicts, unless said otherwise. All-zero is empty. */
struct sm_tally {
    size_t n, correct, ties; /* with a label; a tie is not correct */
    size_t pairs;            /* with a labeled verdict */
    size_t unlabeled;
    size_t unparsed, truncated, refused; /* by status, with or without a label */
    size_t failed;                       /* `error` records */
    size_t decided, first;               /* no tie; of these, for the reply shown first */
    size_t both, agreed;                 /* pairs with a verdict in both orders; of these, those
                                          * that prefer the same reply in both: a tie does not */
    size_t orders[2][2]; /* of `both`, without a tie: by whether chosen (or `first`) loses in the
                          * forward order, and in the reverse one */
    size_t debiased, debiased_correct,
        debiased_ties;   /* labeled pairs with a verdict over both orders */
    struct sm_cost cost; /* of the user's records of any kind */
    struct sm_bias bias;
};

/* The lean to a place, from -1 to 1: of the pairs with an answer in both orders, the share with the
 * reply shown first in both, less that with the second. NAN without such pairs. */
double sm_tally_lean(const struct sm_tally *tally);

void sm_tally_add(struct sm_tally *tally, const struct sm_tally *part);

/* Counts a user's verdicts as they come, one for each order of each pair. Memory grows with the
 * number of pairs. */
struct sm_scorer;

struct sm_scorer *sm_scorer_open(void);
void sm_scorer_close(struct sm_scorer *scorer);

/* Gives the lengths of a pair's replies, in characters, before its verdicts come. */
void sm_scorer_pair(struct sm_scorer *scorer, size_t index, size_t chosen, size_t rejected);

/* Counts a verdict. One for a pair and order that has one is not counted, nor is one that says of
 * both orders together what does not follow from the two. */
enum sm_counted { SM_COUNTED, SM_TAKEN, SM_CONTRADICTS };
enum sm_counted sm_scorer_verdict(struct sm_scorer *scorer, const struct sm_verdict *verdict);

/* Counts a verdict that failed. False if the pair has one in that order: it is not counted. */
bool sm_scorer_failed(struct sm_scorer *scorer, size_t index, bool reverse);

void sm_scorer_cost(struct sm_scorer *scorer, const struct sm_cost *cost);

/* Counts a failure that concerns no single verdict. */
void sm_scorer_failed_user(struct sm_scorer *scorer);

/* A pair and its predictions in forward and reverse order. */
#define SM_NO_PREDICTION 2
struct sm_pair_predictions {
    size_t index;
    short prediction[2]; /* 1, -1, 0 or SM_NO_PREDICTION */
    bool orderless;      /* the one prediction that is there stands for both orders */
};

/* Appends the pairs with a labeled verdict, in the order of their indices, to a growing list (see
 * sm_grow()). Returns how many the list has then. */
size_t sm_scorer_outcomes(const struct sm_scorer *scorer, struct sm_pair_predictions **list,
                          size_t used, size_t *room);

/* What values are a mean of: of verdicts, right is 1; of verdicts over both orders, the same; of
 * verdicts that are no ties, for the reply shown first is 1; of pairs judged in both orders, for
 * the same reply in both is 1; the squared distances of probabilities from outcomes; of verdicts
 * that are no ties, on replies of different length, for the longer is 1; and of those pairs, 1
 * where the user chose the longer. */
enum sm_series {
    SM_OF_ACCURACY,
    SM_OF_DEBIASED,
    SM_OF_FIRST,
    SM_OF_AGREEMENT,
    SM_OF_BRIER,
    SM_OF_LONGER,
    SM_OF_USER_LONGER,
    SM_SERIES
};

/* The sum and the number of each pair's values, for the pairs that have any; the arrays have room
 * for sm_scorer_pairs(). A tie counts `tie`, or not at all if that is NAN. Returns how many. */
size_t sm_scorer_values(const struct sm_scorer *scorer, enum sm_series series, double tie,
                        double *sums, double *counts);
size_t sm_scorer_pairs(const struct sm_scorer *scorer);

/* The counts so far; they live as long as the scorer. */
const struct sm_tally *sm_scorer_tally(const struct sm_scorer *scorer);

#endif
