/* sm-judge --by likelihood: each reply gets a reward, and the greater one is preferred. */
#ifndef CMD_JUDGE_LIKELIHOOD_H
#define CMD_JUDGE_LIKELIHOOD_H

#include "cmd/common/judging.h"
#include "lib/judge/reward.h"

struct likelihood_options {
    const char *contrast;
    long history; /* below 0: not given */
    bool per_token;
};

#define LIKELIHOOD_DEFAULTS                                                                        \
    {                                                                                              \
        .set = {.contrast = "rejected", .history = -1 }                                            \
    }

extern const struct sm_opt likelihood_opts[];

struct likelihood_judge {
    struct likelihood_options set;
    const struct judging *judging;
    const char *order; /* as in --order; where both are wanted, pairs take turns */
    struct sm_rewarder rewarder;
};

/* `judging` and `client` must be open. False: told already. */
bool likelihood_open(struct likelihood_judge *judge, const struct judging *judging,
                     const struct client *client, const char *order);
void likelihood_close(struct likelihood_judge *judge);

/* For a stage whose `self` is the judge. */
void likelihood_judge_user(struct sm_user *user);
void likelihood_plan_user(struct sm_user *user, struct sm_plan *plan);
void likelihood_summarize(const struct sm_stage *stage, struct sm_buf *out);

#endif
