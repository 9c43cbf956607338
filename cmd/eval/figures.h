/* What verdicts come to: counts, accuracy, intervals. */
#ifndef CMD_EVAL_FIGURES_H
#define CMD_EVAL_FIGURES_H

#include "cmd/eval/eval.h"

/* The figures that --ties decides: what is scored, and the sum over it. */
double eval_scored(const struct eval *e, const struct sm_tally *t);
double eval_sum(const struct eval *e, const struct sm_tally *t);

/* What a prediction counts; NAN: nothing. */
double eval_value(const struct eval *e, int prediction);

/* Keeps what figures over all and comparisons need of a user whose lines are read. */
void eval_keep(const struct eval *e, struct judged *judged, const struct sm_tally *t);

/* A user's verdicts, by whether the judge was shown something that was learned; and the pairs that
 * it was learned from, 0 where the input does not have them. */
struct taught {
    size_t verdicts[2], pairs;
};

/* Counts from how many pairs the user's judge learned, if that can be told: from none, if it was
 * shown nothing. */
void eval_keep_learned(struct judged *judged, const struct taught *taught);

/* The interval of a user's accuracy, or of one input's over all. */
struct sm_ci eval_interval(struct eval *e, const struct sm_tally *t,
                           const struct sm_pair_predictions *outcomes, size_t count);
struct sm_ci eval_interval_all(struct eval *e, const struct judged *judged);

/* The interval of `correct` and `halves` of `n`, by what --ci names; clusters have their own. */
struct sm_ci eval_interval_of(struct eval *e, size_t correct, size_t halves, size_t n);

double eval_accuracy(const struct eval *e, const struct sm_tally *t);

/* NAN of nothing. */
double eval_share(double part, double whole);

/* From how many pairs a user's judge learned, in the mean; NAN: not known. */
double eval_learned(const struct judged *judged);

#endif
