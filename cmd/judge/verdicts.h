/* Verdicts: what they take. */
#ifndef CMD_JUDGE_VERDICTS_H
#define CMD_JUDGE_VERDICTS_H

#include "cmd/common/judging.h"

/* For a dry run: the judged pairs of a user of whom it is not known yet what the judge is shown,
 * each in so many orders. */
void verdicts_plan(const struct judging *judging, const struct sm_user *user, int orders,
                   struct sm_plan *sum);

#endif
