/* How a judge errs, besides being wrong: by place, by length, by what it says of its own certainty.
 */
#ifndef SM_EVAL_BIAS_H
#define SM_EVAL_BIAS_H

#include "lib/eval/verdict.h"

/* Counts are of verdicts with a label unless said otherwise; all-zero is valid.
 */
#define SM_BINS 10
struct sm_bias {
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

void sm_bias_add(struct sm_bias *sum, const struct sm_bias *part);

/* Counts a verdict on replies of these lengths in characters: chosen and rejected, NULL where they
 * are not known. `again`: the pair's lengths were counted with a verdict before. */
void sm_bias_verdict(struct sm_bias *bias, const struct sm_verdict *verdict,
                     const size_t lengths[2], bool again);

/* Expected calibration error: the mean distance of p_first and outcome, bin by bin. */
double sm_bias_ece(const struct sm_bias *bias);

#endif
