/* Figures of verdicts: counts, accuracy, intervals. */
#ifndef CMD_EVAL_FIGURES_H
#define CMD_EVAL_FIGURES_H

#include "cmd/eval/eval.h"

/* What a prediction counts: from 0 to 1, or NAN if it does not count. */
double eval_value(const struct eval *e, int prediction);

/* The figures of a user whose verdicts are all counted, and those of an input. */
struct estimates eval_figures(struct eval *e, const struct sm_scorer *scorer);
struct estimates eval_figures_all(struct eval *e, const struct judged *judged);

/* Adds a user to what figures over all need; eval_release_users() frees that. */
void eval_keep(struct judged *judged, const struct sm_tally *t, const struct estimates *figures);
void eval_release_users(struct judged *judged);

/* How many of a user's verdicts are by a judge that was shown something learned (verdicts[true]) or
 * nothing; and from how many pairs it was learned, 0 if the input lacks them. */
struct taught {
    size_t verdicts[2], pairs;
};

/* Counts from how many pairs the user's judge learned, if the input tells: from none if it was
 * shown nothing. */
void eval_keep_learned(struct judged *judged, const struct taught *taught);

/* Wilson's interval, a pair counting once: `sum` is that of the pairs' means. */
struct interval eval_wilson(double sum, double pairs);

/* The interval of differences over clusters, by CR2, and that of their mean, by Student's t. */
struct interval eval_cr2(const struct sm_clustered *c, struct sm_ci ci, const char *unit);
struct interval eval_t(const struct sm_clustered *c, struct sm_ci ci, const char *unit);

/* That of a difference which is the same for all pairs. */
struct interval eval_same(double difference, double pairs);

double eval_mean(const struct estimate *figure);

/* part / whole; NAN if there is nothing. */
double eval_share(double part, double whole);

/* From how many pairs a user's judge learned, on average; NAN if that is not known. */
double eval_learned(const struct judged *judged);

#endif
