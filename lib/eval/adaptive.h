/* Which questions find the best of several in fewest: in rounds of half as many duels as there are
 * contestants. The first round pairs all at random; each later one asks where the model of duels.h
 * is least sure, among those who may be the best. A round depends on all answers of the earlier
 * ones and on nothing else. No question is asked twice: a duel has two, one in each order. */
#ifndef SM_EVAL_ADAPTIVE_H
#define SM_EVAL_ADAPTIVE_H

#include "lib/eval/duels.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sm_adaptive;

/* `n` is at least 1. At most `budget` questions. `seed` decides what is left to chance: the first
 * round, and the order of two who were shown first as often as each other. */
struct sm_adaptive *sm_adaptive_open(size_t n, size_t budget, int64_t seed);
void sm_adaptive_close(struct sm_adaptive *adaptive);

/* The most questions that `n` contestants admit, and as many as a knockout in both orders has. */
size_t sm_adaptive_most(size_t n);
size_t sm_adaptive_usual(size_t n);

/* A question of the present round that was not handed out before: its number and the two, `first`
 * shown first. False: none until all of this round are answered, or none at all. */
bool sm_adaptive_next(struct sm_adaptive *adaptive, size_t *question, size_t *first,
                      size_t *second);

/* Takes an answer, as in sm_duel. */
void sm_adaptive_tell(struct sm_adaptive *adaptive, size_t question, double won);

/* How many questions are still to be handed out. */
size_t sm_adaptive_rest(const struct sm_adaptive *adaptive);

/* Whether all are answered. Call what follows only then. */
bool sm_adaptive_done(const struct sm_adaptive *adaptive);

/* The duels in the order of their numbers, and what follows from them. */
const struct sm_duel *sm_adaptive_duels(const struct sm_adaptive *adaptive, size_t *count);
const struct sm_duels *sm_adaptive_model(const struct sm_adaptive *adaptive);

#endif
