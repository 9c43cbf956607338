/* How sure a judge is, and how far it is right to be: its votes and its probabilities. */
#ifndef SM_EVAL_BIAS_H
#define SM_EVAL_BIAS_H

#include "lib/eval/verdict.h"

/* Counts are of verdicts with a label unless said otherwise. All-zero is valid. */
#define SM_BINS 10
struct sm_bias {
    size_t voted;          /* verdicts from several votes, with or without a label */
    double vote_agreement; /* sum over them: the chance that two of the votes are equal */
    size_t forecasts;      /* with p_first */
    double brier;          /* sum over them of (p_first - outcome)^2 */
    struct sm_bin {
        size_t n;
        double p, first; /* sum of p_first; how often the first was chosen */
    } bins[SM_BINS];     /* by p_first, equally wide */
};

void sm_bias_add(struct sm_bias *sum, const struct sm_bias *part);

void sm_bias_verdict(struct sm_bias *bias, const struct sm_verdict *verdict);

/* Expected calibration error: the mean distance between p_first and outcome, bin by bin. With few
 * verdicts it is far above 0 even where every probability is right. */
double sm_bias_ece(const struct sm_bias *bias);

/* Murphy's parts of the Brier score: how far p_first is from what came true, bin by bin (less is
 * better); how far this differs between bins (more is better); and what is left to a judge that
 * knows nothing. reliability - resolution + uncertainty is the score, but for what p_first differs
 * within a bin. NAN without forecasts. */
struct sm_murphy {
    double reliability, resolution, uncertainty;
};
struct sm_murphy sm_bias_murphy(const struct sm_bias *bias);

#endif
