/* Writes what so many users and pairs can show. */
#ifndef CMD_PLAN_WRITE_H
#define CMD_PLAN_WRITE_H

#include "cmd/plan/plan.h"

/* As records, or as a table `width` columns wide (0: no limit). `spread` is what to plan with. */
void plan_write_records(struct plan *plan, const struct sm_spread *spread);
void plan_write_table(struct plan *plan, const struct sm_spread *spread, size_t width);

#endif
