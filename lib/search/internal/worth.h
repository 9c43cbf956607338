/* What the winner is worth, and whether it is better than the judge without examples. */
#ifndef SM_SEARCH_INTERNAL_WORTH_H
#define SM_SEARCH_INTERNAL_WORTH_H

#include "lib/eval/winner.h"
#include "lib/search/internal/state.h"

struct weighed {
    struct sm_worth worth;       /* of `trial` */
    const struct trial *without; /* the candidate without examples, if a row of it was answered;
                                    else NULL, and nothing follows */
    double above;                /* the probability that `trial` is better than `without` */
    bool told;                   /* it is great enough; never for `without` itself */
};

/* Weighs a finished candidate by all validation rows that were answered under any candidate. */
struct weighed sm_search_weigh(const struct search_state *state, const struct trial *trial);

/* The candidate without examples; NULL if --seeds leaves it out. */
struct trial *sm_search_without(const struct search_state *state);

#endif
