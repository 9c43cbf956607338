/* How many calls a round has, where each answer may make the rest needless. What is asked
 * depends on the answers and on how long they took when paid, both of which the store keeps, so
 * that two runs on one store are the same. */
#ifndef SM_SEARCH_ROUNDS_H
#define SM_SEARCH_ROUNDS_H

#include <stdbool.h>
#include <stddef.h>

struct sm_rounds {
    double certainty; /* a call goes out beside others if it is needed with this probability; below
                         0: by how long answers take */
    size_t right, answers; /* of the questions so far */
    double quickest_ms;    /* of the answers, as first measured; INFINITY while there is none */
};

/* How sure it must be that a call is needed. */
double sm_rounds_certainty(const struct sm_rounds *rounds);

/* The probability that an answer is right. Until there are answers a judge is taken to be right
 * three times in four. */
double sm_rounds_right(const struct sm_rounds *rounds);

/* Takes one answer into account. */
void sm_rounds_answered(struct sm_rounds *rounds, bool right, double ms);

/* How many of `left` calls to ask at once, if `events` of probability p each make the rest
 * needless: one more for as long as it will be needed with that certainty. */
size_t sm_rounds_chunk(const struct sm_rounds *rounds, size_t events, size_t left, double p);

#endif
