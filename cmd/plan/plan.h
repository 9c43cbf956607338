/* What the parts of sm-plan share: the options, and what a pilot tells. */
#ifndef CMD_PLAN_PLAN_H
#define CMD_PLAN_PLAN_H

#include "lib/eval/power.h"

#include "cmd/common/app.h"

struct plan_options {
    double effect, sd_users, sd_pair; /* below 0: not given */
    double power, alpha;
    long users, pairs; /* 0: not given */
    const char *ties;
    bool table;
};

/* Pairs that were judged, or that two judges have in common. */
struct pilot {
    size_t users, pairs;
    struct sm_spread spread;
    double cost_user, cost_pair; /* US dollars, to learn and to judge; NAN: not known */
};

struct plan {
    struct app *app;
    struct plan_options set;
    struct pilot pilot;
};

#endif
