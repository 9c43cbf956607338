/* Verdicts, read back from their records. (What a model replies is read in lib/prompts/judge.jq.)
 */
#ifndef SM_EVAL_VERDICT_H
#define SM_EVAL_VERDICT_H

#include "lib/base/err.h"
#include "lib/json/record_view.h"
#include "lib/json/record_words.h"

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
    bool untaught;   /* the judge was shown neither a persona nor examples */
    size_t votes[3]; /* by enum sm_choice; all 0 where there was one answer */
};

/* Reads a record of type SM_VERDICT. False where a field is missing, of a wrong type, or
 * contradicts another; the code is SM_EXIT_PARTIAL. */
bool sm_verdict_from(const struct sm_record_view *record, struct sm_verdict *verdict,
                     struct sm_err *err);

/* The place of a verdict that failed: true if the `error` record names one, and then *index and
 * *reverse are set; false with `err` empty if it names none, and filled if that is no place. */
bool sm_verdict_place(const struct sm_record_view *record, size_t *index, bool *reverse,
                      struct sm_err *err);

#endif
