/* A race: which of several contestants has the greatest share of right answers, with no more
 * answers than can change that. The contestants' numbers of rows may differ; the first of those
 * that share the greatest score wins.
 *
 * It follows the first contestant with the greatest bound, the share that it can still reach. Once
 * that one is finished it has won: every earlier one falls short of its score, and no later one can
 * exceed it. The same rule as for a search's candidates (search.h), which all have the same rows.
 */
#ifndef SM_SEARCH_RACE_H
#define SM_SEARCH_RACE_H

#include "lib/search/rounds.h"

#include <stdbool.h>
#include <stddef.h>

struct sm_racer {
    size_t rows;                     /* 0: its share is 0 */
    size_t asked, answered, correct; /* of them */
    bool out;                        /* does not take part */
};

/* The contestant to follow, which has won if it is finished; `count` if none takes part. */
size_t sm_race_front(const struct sm_racer *racers, size_t count);
bool sm_race_finished(const struct sm_racer *racer);

/* How many more rows of the front to ask at once, all that were asked being answered. */
size_t sm_race_next(const struct sm_racer *racers, size_t count, size_t front,
                    const struct sm_rounds *rounds);

/* 100 times the share that it can still reach: once it is finished, its score. */
double sm_race_bound(const struct sm_racer *racer);

/* How many answers a race from here may be expected to take, by a judge that is right three times
 * in four. */
size_t sm_race_typical(const struct sm_racer *racers, size_t count);

#endif
