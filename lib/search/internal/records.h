/* The records of a search that has ended. */
#ifndef SM_SEARCH_INTERNAL_RECORDS_H
#define SM_SEARCH_INTERNAL_RECORDS_H

#include "lib/search/internal/state.h"

/* Appends the traces and the `score` record of every candidate, in their order, and the `demos`
 * record of the winner, state->best. */
void sm_search_write(struct search_state *state);

#endif
