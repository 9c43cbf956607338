/* Which comparisons a ranking needs, and what follows from them. Contestants are numbers from 0; of
 * two that tie, the smaller number goes first. A tournament makes no comparison itself: it names
 * those that can be made now, all independent ones at once, and takes their results in any order.
 * The outcome does not depend on that order. */
#ifndef SM_EVAL_TOURNAMENT_H
#define SM_EVAL_TOURNAMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sm_tournament_mode {
    SM_KNOCKOUT,    /* the best alone: n - 1 comparisons */
    SM_MERGE_SORT,  /* all in order: at most n k - 2^k + 1, with k = log2 n rounded up */
    SM_ROUND_ROBIN, /* each against each, ordered by points: n (n - 1) / 2 */
};

/* Two contestants; `a` is the smaller number. */
struct sm_match {
    size_t a, b;
};

enum sm_result { SM_DRAWN, SM_A_WON, SM_B_WON };

struct sm_tournament;

/* `n` is at least 1. The seed is that of sm_tournament_a_first(). */
struct sm_tournament *sm_tournament_open(enum sm_tournament_mode mode, size_t n, int64_t seed);
void sm_tournament_close(struct sm_tournament *tournament);

/* A comparison that can be made now and was not handed out before. False: none until more is
 * known. */
bool sm_tournament_next(struct sm_tournament *tournament, struct sm_match *match);

/* Whether to show `a` first, if a comparison is made in one order alone: at random. */
bool sm_tournament_a_first(const struct sm_tournament *tournament, struct sm_match match);

/* Takes the result of a comparison. */
void sm_tournament_tell(struct sm_tournament *tournament, struct sm_match match,
                        enum sm_result result);

/* How many comparisons are still to be handed out, at least and at most. */
void sm_tournament_rest(const struct sm_tournament *tournament, size_t *least, size_t *most);

/* Whether all results that it needs are in. Call what follows only then. */
bool sm_tournament_done(const struct sm_tournament *tournament);

/* The contestants, best first. In a knockout only the first counts. */
const size_t *sm_tournament_order(const struct sm_tournament *tournament);

/* The comparisons that decided it, always in the same order. */
const struct sm_match *sm_tournament_played(const struct sm_tournament *tournament, size_t *count);
enum sm_result sm_tournament_result(const struct sm_tournament *tournament, struct sm_match match);

/* A contestant's points against another: 1 for a win, 0.5 for a tie, else 0. */
double sm_tournament_points(const struct sm_tournament *tournament, size_t i, size_t against);

/* The number of triples in which each won against the next, and the last against the first. */
size_t sm_tournament_triples(const struct sm_tournament *tournament);

/* A shortest such ring of any length. Fills ring[n] and returns the length, 0 if there is none. */
size_t sm_tournament_ring(const struct sm_tournament *tournament, size_t *ring);

#endif
