/* How a judge errs apart from accuracy: by place, by length, and in its own certainty. */
#ifndef SM_EVAL_BIAS_H
#define SM_EVAL_BIAS_H

#include "lib/eval/verdict.h"

/* Counts are of verdicts with a label unless said otherwise. All-zero is valid. */
#define SM_BINS 10
struct sm_bias {
    size_t shown[2][2]; /* by what the user chose and what the judge prefers (first, second) */
    size_t longer, longer_won; /* no tie, replies of different lengths; of these, for the longer */
    size_t longer_pairs, longer_chosen; /* pairs of these; of them, the user chose the longer */
    size_t voted;                       /* verdicts from several votes, with or without a label */
    double vote_agreement; /* sum over them: the chance that two of the votes are equal */
    size_t forecasts;      /* with p_first */
    double brier;          /* sum over them of (p_first - outcome)^2 */
    struct sm_bin {
        size_t n;
        double p, first; /* sum of p_first; how often the first was chosen */
    } bins[SM_BINS];     /* by p_first, equally wide */
};

void sm_bias_add(struct sm_bias *sum, const struct sm_bias *part);

/* Counts a verdict. `lengths` are those of the chosen and the rejected reply in characters, or NULL
 * if unknown. `again`: an earlier verdict has counted the lengths of this pair. */
void sm_bias_verdict(struct sm_bias *bias, const struct sm_verdict *verdict,
                     const size_t lengths[2], bool again);

/* Expected calibration error: the mean distance between p_first and outcome, bin by bin. */
double sm_bias_ece(const struct sm_bias *bias);

#endif
