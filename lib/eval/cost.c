#include "lib/eval/cost.h"

#include "lib/json/scan.h"

#include <math.h>

#define TOKENS_MAX 1000000000000000
#define DOLLARS_MAX 1e15 /* a higher figure counts as none */

static int64_t read_tokens(const struct sm_raw *tokens)
{
    int64_t number = 0;
    sm_raw_integer(tokens, 0, TOKENS_MAX, &number);
    return number;
}

void sm_cost_add(struct sm_cost *sum, const struct sm_record_view *record)
{
    static const struct sm_member_name names[] = {
        SM_MEMBER_NAME("in"), SM_MEMBER_NAME("out"), SM_MEMBER_NAME("cached"),
        SM_MEMBER_NAME("reasoning"), SM_MEMBER_NAME("untold")};
    const struct sm_raw *tokens = &record->at[SM_FIELD_TOKENS];
    struct sm_raw found[5];
    if (sm_raw_kind(tokens) != JV_KIND_OBJECT)
        return;
    sm_scan_nested(tokens, names, 5, found);
    struct sm_usage usage = {.in = read_tokens(&found[0]),
                             .out = read_tokens(&found[1]),
                             .cached = read_tokens(&found[2]),
                             .reasoning = read_tokens(&found[3]),
                             .untold = read_tokens(&found[4])};
    double cost = sm_raw_number(&record->at[SM_FIELD_COST], NAN);
    if (!(cost >= 0 && cost <= DOLLARS_MAX))
        cost = NAN;
    sm_usage_add(&sum->usage, &usage);
    sum->cost += isnan(cost) ? 0 : cost;
    sum->priced += !isnan(cost);
    sum->unpriced += isnan(cost);
}

void sm_cost_sum(struct sm_cost *sum, const struct sm_cost *part)
{
    sm_usage_add(&sum->usage, &part->usage);
    sum->cost += part->cost;
    sum->priced += part->priced;
    sum->unpriced += part->unpriced;
}

double sm_cost_dollars(const struct sm_cost *cost)
{
    return cost->unpriced > 0 || cost->priced == 0 ? NAN : cost->cost;
}
