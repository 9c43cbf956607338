/* Verdicts, read back from their records. (What a model replies is read in
 * lib/prompts/judge.jq.) */
#ifndef SM_EVAL_VERDICT_H
#define SM_EVAL_VERDICT_H

#include "lib/base/err.h"
#include "lib/json/record_view.h"
#include "lib/json/record_words.h"

#include <stdbool.h>
#include <stddef.h>

/* A judge's verdict on one pair in one order. */
struct sm_verdict {
    size_t index; /* the pair's row in its user */
    bool reverse;
    enum sm_choice preference; /* as shown */
    int prediction;            /* 1: for chosen (or `first`), -1: for the other, 0: a tie */
    bool labeled;              /* somebody has chosen: the verdict can be scored */
    enum sm_status status;
    bool paired;     /* it comes with a verdict over both orders, `debiased` */
    int debiased;    /* 1, -1 or 0, like `prediction` */
    double p_chosen; /* the probability over both orders that `debiased` follows from, or NAN */
    double p_first;  /* the probability of the reply shown first, or NAN */
    bool orderless;  /* by likelihood: it would be the same in the other order */
    bool untaught;   /* the judge saw neither a persona nor examples */
    size_t votes[3]; /* by enum sm_choice; all 0 for a single answer */
};

/* Reads a record of type SM_VERDICT. False with `err` (code SM_EXIT_PARTIAL) if a field is missing,
 * has the wrong type, or contradicts another. */
bool sm_verdict_from(const struct sm_record_view *record, struct sm_verdict *verdict,
                     struct sm_err *err);

/* The probability of chosen (or `first`): that of the verdict, or else what it decided. */
double sm_verdict_chosen(const struct sm_verdict *verdict);

/* Whether `prediction` can follow from a probability as it is written, rounded. */
bool sm_follows(int prediction, double p);

/* Sets *index and *reverse to the pair and order of a failed verdict, if the `error` record names
 * them. Else false, with `err` only if what it names is invalid. */
bool sm_verdict_place(const struct sm_record_view *record, size_t *index, bool *reverse,
                      struct sm_err *err);

#endif
