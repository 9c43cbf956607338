/* sm-judge --by likelihood: each reply gets a reward, and the greater one is preferred. */
#ifndef CMD_JUDGE_LIKELIHOOD_H
#define CMD_JUDGE_LIKELIHOOD_H

#include "cmd/common/nearest.h"
#include "cmd/common/rewarding.h"

extern const struct sm_opt calibrate_opts[];

struct likelihood_judge {
    struct rewarding rewarding;
    const char *order; /* as in --order; where both are wanted, pairs take turns */
    const struct nearest *nearest;
    bool told; /* that there are rubrics, which are of no use here */
};

/* For a stage whose `self` is the judge. */
void likelihood_judge_user(struct sm_user *user);
void likelihood_plan_user(struct sm_user *user, struct sm_plan *plan);
void likelihood_summarize(const struct sm_stage *stage, struct sm_buf *out);

#endif
