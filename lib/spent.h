/* What answers cost, by the records that came of them. */
#ifndef SM_SPENT_H
#define SM_SPENT_H

#include "completion.h"
#include "glance.h"

/* What answers took when they were paid for. */
struct sm_spent {
    struct sm_usage usage;
    double cost;             /* US dollars, of the priced ones */
    size_t priced, unpriced; /* records */
};

/* Adds `tokens` and `cost` of a record, if it has them. */
void sm_spent_add(struct sm_spent *spent, const struct sm_glance *record);
void sm_spent_sum(struct sm_spent *sum, const struct sm_spent *part);

/* NAN where a price is not known. */
double sm_spent_cost(const struct sm_spent *spent);

#endif
