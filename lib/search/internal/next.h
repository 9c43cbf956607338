/* Which calls come next: the candidate to follow, and how far ahead of certainty to ask. */
#ifndef SM_SEARCH_INTERNAL_NEXT_H
#define SM_SEARCH_INTERNAL_NEXT_H

#include "lib/search/internal/state.h"

/* The candidate that decides what to ask: the first that could still reach --stop-at (or be right
 * on every row), which ends the search; else the first with the greatest bound. *target is what it
 * must reach to win. Once it is finished it has won: every earlier candidate falls short of its
 * score, and no later one can exceed it. If order does not decide ties, all with the greatest bound
 * are finished before that. Candidates that the budget does not allow to finish are skipped; NULL
 * if it allows none. */
struct trial *sm_search_front(const struct search_state *state, size_t *target);

/* How many more rows of the candidate to ask at once, while none of its calls is under way. 0: its
 * train rows have given what is wanted, or it has missed `target`. */
size_t sm_search_teach_next(const struct search_state *state, const struct trial *trial);
size_t sm_search_validate_next(const struct search_state *state, const struct trial *trial,
                               size_t target);

/* Whether to ask a row's second presentation before the first is answered. */
bool sm_search_swap_at_once(const struct search_state *state);

#endif
