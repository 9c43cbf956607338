/* What answers cost, added up from records. */
#ifndef SM_EVAL_COST_H
#define SM_EVAL_COST_H

#include "lib/json/record_view.h"
#include "lib/json/record_words.h"

struct sm_cost {
    struct sm_usage usage;
    double cost;             /* US dollars, of the priced records */
    size_t priced, unpriced; /* records */
};

/* Adds `tokens` and `cost` of a record, if it has them. */
void sm_cost_add(struct sm_cost *sum, const struct sm_record_view *record);
void sm_cost_sum(struct sm_cost *sum, const struct sm_cost *part);

/* US dollars; NAN if a price is missing, or nothing was priced. */
double sm_cost_dollars(const struct sm_cost *cost);

#endif
