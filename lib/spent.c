#include "spent.h"

#include "pick.h"

#include <math.h>

static int64_t read_tokens(const struct sm_member *tokens)
{
    double number = sm_member_number(tokens, 0);
    return number > 0 && number < 1e15 ? (int64_t)number : 0;
}

void sm_spent_add(struct sm_spent *spent, const struct sm_glance *record)
{
    static const struct sm_name names[] = {SM_NAME("in"), SM_NAME("out"), SM_NAME("cached"),
                                           SM_NAME("reasoning")};
    const struct sm_member *tokens = &record->at[SM_FIELD_TOKENS];
    struct sm_member found[4];
    if (sm_member_kind(tokens) != JV_KIND_OBJECT)
        return;
    sm_pick_nested(tokens, names, 4, found);
    struct sm_usage usage = {.in = read_tokens(&found[0]),
                             .out = read_tokens(&found[1]),
                             .cached = read_tokens(&found[2]),
                             .reasoning = read_tokens(&found[3])};
    double cost = sm_member_number(&record->at[SM_FIELD_COST], NAN);
    sm_usage_add(&spent->usage, &usage);
    spent->cost += isnan(cost) ? 0 : cost;
    spent->priced += !isnan(cost);
    spent->unpriced += isnan(cost);
}

void sm_spent_sum(struct sm_spent *sum, const struct sm_spent *part)
{
    sm_usage_add(&sum->usage, &part->usage);
    sum->cost += part->cost;
    sum->priced += part->priced;
    sum->unpriced += part->unpriced;
}

double sm_spent_cost(const struct sm_spent *spent)
{
    return spent->unpriced > 0 || spent->priced == 0 ? NAN : spent->cost;
}
