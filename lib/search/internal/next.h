/* Which calls come next: the frontier, and how far ahead of certainty it goes. */
#ifndef SM_SEARCH_INTERNAL_NEXT_H
#define SM_SEARCH_INTERNAL_NEXT_H

#include "lib/search/internal/state.h"

/* The candidate that decides what is needed: the first one that could still reach --stop-at (or be
 * right on every row), which ends the search; when there is none, the first one with the greatest
 * bound. *target is what it must reach to win. When it is finished, it has won: every earlier
 * candidate falls short of its score, and no later one can exceed it. Where ties are not left to
 * the order, all with the greatest bound come before that. Candidates that the budget does not
 * allow to finish are passed over; NULL: it allows none. */
struct trial *sm_search_front(const struct search_state *state, size_t *target);

/* How many further rows of the candidate are to be asked at once, none of its calls being under
 * way; 0: its train rows have given what is wanted, or it has missed `target`. */
size_t sm_search_teach_next(const struct search_state *state, const struct trial *trial);
size_t sm_search_validate_next(const struct search_state *state, const struct trial *trial,
                               size_t target);

/* Whether a second presentation of a row is to be asked before the first is answered. */
bool sm_search_swap_at_once(const struct search_state *state);

#endif
