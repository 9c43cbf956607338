/* The judge by a user's rubric, behind struct judge: see judging.h. */
#ifndef CMD_COMMON_SCORING_H
#define CMD_COMMON_SCORING_H

#include "cmd/common/judging.h"

/* Gives `judge` the user's rubric, if there is one with criteria that is to be used. False with
 * `err` as sm_learned_rubric(). */
bool scoring_init(struct judge *judge, const struct judging *judging, const struct sm_user *user,
                  struct sm_err *err);

/* Adds an outcome that is not an error to the votes. */
void scoring_take(struct judgment *judgment, const struct sm_outcome *outcome);

/* Appends ,"scores":{…} for a verdict by a rubric, else nothing. */
void scoring_write(const struct judgment *judgment, struct sm_buf *out);

#endif
