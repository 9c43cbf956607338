/* A pilot: verdicts of one judge, or of two on the same pairs. */
#ifndef CMD_PLAN_PILOT_H
#define CMD_PLAN_PILOT_H

#include "cmd/plan/plan.h"

/* Fills plan->pilot from one file or two; "-" is standard input. What cannot be used is reported.
 * Its spread is NAN, or 0, where the pilot does not tell it. */
void plan_read_pilot(struct plan *plan, const char *const *names, size_t count);

#endif
