/* Verdicts, read back from their records and counted. */
#ifndef SM_VERDICT_H
#define SM_VERDICT_H

#include "err.h"
#include "judge.h"
#include "question.h"

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>

/* What a judge said of one pair in one order. */
struct sm_verdict {
    size_t index; /* the pair's row in its user */
    bool reverse;
    enum sm_choice preference; /* as shown */
    int prediction;            /* 1: for chosen (or `first`), -1: for the other one, 0: a tie */
    bool labeled;              /* somebody has chosen: the verdict can be scored */
    enum sm_status status;
    bool paired;  /* it comes with a verdict of both orders together, and that is */
    int debiased; /* 1, -1 or 0, like `prediction` */
};

/* Reads a record of type SM_VERDICT, borrowed. False where a field is missing, of a wrong type, or
 * contradicts another; the code is SM_EXIT_PARTIAL. */
bool sm_verdict_from(jv record, struct sm_verdict *verdict, struct sm_err *err);

/* The place of a verdict that failed: true if the `error` record names one, and then *index and
 * *reverse are set; false with `err` empty if it names none, and filled if that is no place. */
bool sm_verdict_place(jv record, size_t *index, bool *reverse, struct sm_err *err);

/* What answers took when they were paid for. */
struct sm_spent {
    struct sm_usage usage;
    double cost;             /* US dollars, of the priced ones */
    size_t priced, unpriced; /* records */
};

/* Adds `tokens` and `cost` of a record, if it has them. */
void sm_spent_add(struct sm_spent *spent, jv record);
void sm_spent_sum(struct sm_spent *sum, const struct sm_spent *part);

/* NAN where a price is not known. */
double sm_spent_cost(const struct sm_spent *spent);

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
        debiased_ties;     /* labeled pairs with a verdict of both together */
    struct sm_spent spent; /* by the user's records of any kind */
};

/* Adds the counts of `part`. */
void sm_tally_add(struct sm_tally *tally, const struct sm_tally *part);

/* A user's verdicts as they come, each place taken once. Memory grows with the number of pairs. */
struct sm_scorer;

struct sm_scorer *sm_scorer_open(void);
void sm_scorer_close(struct sm_scorer *scorer);

/* Counts a verdict, or one that failed. False: its place is taken, and nothing was counted. */
bool sm_scorer_verdict(struct sm_scorer *scorer, const struct sm_verdict *verdict);
bool sm_scorer_failed(struct sm_scorer *scorer, size_t index, bool reverse);

void sm_scorer_spent(struct sm_scorer *scorer, const struct sm_spent *spent);

/* Counts a failure that is not that of one verdict. */
void sm_scorer_failed_user(struct sm_scorer *scorer);

/* The counts so far; lives as long as the scorer. */
const struct sm_tally *sm_scorer_tally(const struct sm_scorer *scorer);

#endif
