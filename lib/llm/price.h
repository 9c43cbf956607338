/* What tokens cost. */
#ifndef SM_LLM_PRICE_H
#define SM_LLM_PRICE_H

#include "lib/base/err.h"
#include "lib/llm/completion.h"

/* US dollars per million tokens; all NAN where the price is not known. */
struct sm_price {
    double in, cached, out;
};

/* Finds the price of `model` (its name as the user gives it, with the provider's prefix) in `file`
 * (may be NULL), then in the built-in table. An entry serves its model and that model's dated
 * versions (NAME-2025-04-14). `file` holds JSON objects, {"model":…,"in":…,"cached":…,"out":…};
 * `cached` may be missing and is `in` then. False: `file` cannot be used. */
bool sm_price_find(const char *model, const char *file, struct sm_price *price, struct sm_err *err);

/* US dollars; NAN where the price is not known. Reasoning tokens are among `out`, and cost so. */
double sm_price_cost(const struct sm_price *price, const struct sm_usage *usage);

/* What calls that were not made would take: bounds, since replies and the count of tokens are not
 * known. All-zero is none. */
struct sm_plan {
    struct sm_plan_bound {
        int64_t calls, in, out;
    } least, most;
};

/* Adds `calls` requests with messages of `bytes` bytes and replies of at most `max_tokens` tokens.
 * A token of a prompt is taken to have between 2 and 6 bytes. */
void sm_plan_add(struct sm_plan_bound *bound, bool most, int64_t calls, int64_t bytes,
                 int64_t max_tokens);
void sm_plan_sum(struct sm_plan *sum, const struct sm_plan *plan);

/* What a bound costs at `price`, prompts at the cached price in the lower one. */
double sm_plan_cost(const struct sm_price *price, const struct sm_plan *plan, bool most);

#endif
