/* Candidate sets of examples, drawn as the reference draws them: a pure function of the seed, the
 * number of train rows and two limits. All randomness is CPython's random.Random (rng.h). */
#ifndef SM_SEARCH_CANDIDATE_H
#define SM_SEARCH_CANDIDATE_H

#include <stdbool.h>
#include <stddef.h>

#define SM_SEED_ZERO_SHOT (-3) /* no examples */
#define SM_SEED_LABELS (-2)    /* labels alone, nothing bootstrapped */

/* Row numbers are positions among a user's train rows. Owns its arrays. */
struct sm_candidate {
    long seed;
    size_t rows;          /* train rows */
    size_t *order;        /* `rows` row numbers, in the order in which they are asked */
    size_t wanted;        /* traces to keep; 0: nothing is bootstrapped */
    size_t *shown;        /* the labeled examples of its teacher, */
    size_t shown_count;   /* less the row that is asked */
    size_t labeled_limit; /* it is filled up to this many examples */
};

/* `max_labeled` is at least 0; a negative `max_bootstrapped` means `rows`. */
void sm_candidate_init(struct sm_candidate *candidate, long seed, size_t rows, long max_labeled,
                       long max_bootstrapped);
void sm_candidate_release(struct sm_candidate *candidate);

/* The labeled examples that follow the bootstrapped ones, where kept[row] tells which rows have a
 * kept trace. Writes at most `labeled_limit` row numbers to `fill`; returns how many. */
size_t sm_candidate_fill(const struct sm_candidate *candidate, const bool *kept, size_t *fill);

#endif
