/* In a dry run, earlier stages tell what they would ask. */
#ifndef SM_STAGE_INTERNAL_PLAN_H
#define SM_STAGE_INTERNAL_PLAN_H

#include "lib/llm/price.h"

#include <jv.h>

/* Adds the plan of a `run` record, if it has one; borrows `record`. */
void sm_plan_take(struct sm_plan *earlier, jv record);

#endif
