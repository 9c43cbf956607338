/* How many calls a search may be expected to take. */
#ifndef SM_SEARCH_INTERNAL_TYPICAL_H
#define SM_SEARCH_INTERNAL_TYPICAL_H

#include "lib/search/internal/state.h"

/* The mean over simulated searches of as many rows by a judge that is right three times in four,
 * which is what the search itself takes a judge for until its answers tell more. */
size_t sm_search_typical(const struct search_state *state);

#endif
