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
    bool paired;     /* it comes with a verdict of both orders together, and that is */
    int debiased;    /* 1, -1 or 0, like `prediction` */
    double p_first;  /* the probability of the reply shown first; NAN where it has none */
    size_t votes[3]; /* by enum sm_choice; all 0 where there was one answer */
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

/* How a judge errs. Counts are of verdicts with a label unless said otherwise; all-zero is valid.
 */
#define SM_BINS 10
struct sm_health {
    size_t shown[2][2]; /* by what the user chose and what the judge prefers: first, second */
    size_t longer, longer_won; /* not tied, replies of different length; for the longer one */
    size_t longer_pairs, longer_chosen; /* pairs of these; the user chose the longer */
    size_t voted;                       /* verdicts of several votes, with a label or not */
    double vote_agreement;              /* sum over them: chance that two of the votes are equal */
    size_t forecasts;                   /* with p_first */
    double brier;                       /* sum over them of (p_first - outcome)^2 */
    struct sm_bin {
        size_t n;
        double p, first; /* sums: of p_first, and of those where the first was chosen */
    } bins[SM_BINS];     /* by p_first, of equal width */
};

/* Expected calibration error: the mean distance of p_first and outcome, bin by bin. */
double sm_health_ece(const struct sm_health *health);

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
    struct sm_health health;
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

void sm_scorer_spent(struct sm_scorer *scorer, const struct sm_spent *spent);

/* Counts a failure that is not that of one verdict. */
void sm_scorer_failed_user(struct sm_scorer *scorer);

/* A pair and what was predicted of it in forward and reverse order. */
#define SM_NO_PREDICTION 2
struct sm_outcomes {
    size_t index;
    short prediction[2]; /* 1, -1, 0 or SM_NO_PREDICTION */
};

/* Appends the pairs that have a labeled verdict, in the order of their indices, to a list that
 * grows (see sm_grow()); returns how many it has then. */
size_t sm_scorer_outcomes(const struct sm_scorer *scorer, struct sm_outcomes **list, size_t used,
                          size_t *room);

/* The counts so far; lives as long as the scorer. */
const struct sm_tally *sm_scorer_tally(const struct sm_scorer *scorer);

#endif
