/* What a search asks next, until it is settled who has won. */
#ifndef SM_SEARCH_INTERNAL_STEP_H
#define SM_SEARCH_INTERNAL_STEP_H

#include "lib/search/internal/state.h"

/* Asks what comes next, or settles who has won. False if nothing is under way: the search is over,
 * has failed, or waits for what is pending. */
bool sm_search_step(struct search_state *state);

/* How many answers are left to a batch, or planned, while nobody has won. */
size_t sm_search_pending(const struct search_state *state);

void sm_search_free_trials(struct search_state *state);

#endif
