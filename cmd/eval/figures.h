/* Figures of verdicts: counts, accuracy, intervals. */
#ifndef CMD_EVAL_FIGURES_H
#define CMD_EVAL_FIGURES_H

#include "cmd/eval/eval.h"

/* How many verdicts are scored, and their sum: --ties decides both. */
double eval_scored(const struct eval *e, const struct sm_tally *t);
double eval_sum(const struct eval *e, const struct sm_tally *t);

/* What a prediction counts: from 0 to 1, or NAN if it does not count. */
double eval_value(const struct eval *e, int prediction);

/* Adds a user whose lines are all read to what figures over all and comparisons need. */
void eval_keep(const struct eval *e, struct judged *judged, const struct sm_tally *t);

/* How many of a user's verdicts are by a judge that was shown something learned (verdicts[true]) or
 * nothing; and from how many pairs it was learned, 0 if the input lacks them. */
struct taught {
    size_t verdicts[2], pairs;
};

/* Counts from how many pairs the user's judge learned, if the input tells: from none if it was
 * shown nothing. */
void eval_keep_learned(struct judged *judged, const struct taught *taught);

/* The interval of a user's accuracy, and that of an input's over all. */
struct sm_ci eval_interval(struct eval *e, const struct sm_tally *t,
                           const struct sm_pair_predictions *outcomes, size_t count);
struct sm_ci eval_interval_all(struct eval *e, const struct judged *judged);

/* The --ci interval of a share: `correct` and `halves` of `n`. For --ci cluster it is the
 * percentile interval. */
struct sm_ci eval_interval_of(struct eval *e, size_t correct, size_t halves, size_t n);

double eval_accuracy(const struct eval *e, const struct sm_tally *t);

/* part / whole; NAN if there is nothing. */
double eval_share(double part, double whole);

/* From how many pairs a user's judge learned, on average; NAN if that is not known. */
double eval_learned(const struct judged *judged);

#endif
