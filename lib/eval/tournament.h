/* Which comparisons a ranking needs, and what follows from them. Contestants are numbers from 0;
 * where two tie, the one with the smaller number goes before the other. How a comparison is made is
 * none of its business: it names those that can be made now, all that are independent at once, and
 * is told how they ended, in any order. What comes out does not depend on that order. */
#ifndef SM_EVAL_TOURNAMENT_H
#define SM_EVAL_TOURNAMENT_H

#include <stdbool.h>
#include <stddef.h>

enum sm_tournament_mode {
    SM_KNOCKOUT,    /* the best alone: n - 1 comparisons */
    SM_MERGE_SORT,  /* all in order: at most n k - 2^k + 1, where k is log2 n rounded up */
    SM_ROUND_ROBIN, /* each against each, in the order of their points: n (n - 1) / 2 */
};

/* Two contestants, `a` the smaller number. */
struct sm_match {
    size_t a, b;
};

enum sm_result { SM_DRAWN, SM_A_WON, SM_B_WON };

struct sm_tournament;

/* `n` is at least 1. */
struct sm_tournament *sm_tournament_open(enum sm_tournament_mode mode, size_t n);
void sm_tournament_close(struct sm_tournament *tournament);

/* A comparison that can be made now and was not given out before; false: none, until more is told.
 */
bool sm_tournament_next(struct sm_tournament *tournament, struct sm_match *match);
void sm_tournament_tell(struct sm_tournament *tournament, struct sm_match match,
                        enum sm_result result);

/* Comparisons that may still be given out later, at least and at most. */
void sm_tournament_rest(const struct sm_tournament *tournament, size_t *least, size_t *most);

/* Whether all is told that is needed; what follows is to be asked only then. */
bool sm_tournament_done(const struct sm_tournament *tournament);

/* The contestants, best first; of a knockout the first alone counts. */
const size_t *sm_tournament_order(const struct sm_tournament *tournament);

/* The comparisons that decided it, in an order that is always the same. */
const struct sm_match *sm_tournament_played(const struct sm_tournament *tournament, size_t *count);
enum sm_result sm_tournament_result(const struct sm_tournament *tournament, struct sm_match match);

/* What a contestant has against another: 1 for a win, 0.5 for a tie, else 0. */
double sm_tournament_points(const struct sm_tournament *tournament, size_t i, size_t against);

/* Triples of which each won against the next, and the last against the first. */
size_t sm_tournament_triples(const struct sm_tournament *tournament);

/* A shortest such ring of any length: fills ring[n]; the length, 0 if there is none. */
size_t sm_tournament_ring(const struct sm_tournament *tournament, size_t *ring);

#endif
