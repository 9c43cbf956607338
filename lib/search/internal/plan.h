/* A dry run: what a search may ask. */
#ifndef SM_SEARCH_INTERNAL_PLAN_H
#define SM_SEARCH_INTERNAL_PLAN_H

#include "lib/search/internal/state.h"

/* Adds to `plan` what the search may still ask: at least the rest of the rows of one candidate, at
 * most all rows of every candidate. */
void sm_search_plan_rest(struct search_state *state, struct sm_plan *plan);

#endif
