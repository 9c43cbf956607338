/* What tokens cost. */
#ifndef SM_LLM_PRICE_H
#define SM_LLM_PRICE_H

#include "lib/base/err.h"
#include "lib/llm/completion.h"

/* What is taken for the tokens of a prompt before they are told: about how many bytes one has, and
 * the fewest. */
#define SM_BYTES_PER_TOKEN 4
#define SM_BYTES_PER_TOKEN_LEAST 2

/* US dollars per million tokens; all NAN if the price is unknown. */
struct sm_price {
    double in, cached, out;
};

/* Finds the price of `model` (as the user names it, with the provider's prefix) in `file`, which
 * may be NULL, then in the built-in table. An entry holds for its model and that model's dated
 * versions (NAME-2025-04-14). `file` has one JSON object a line,
 * {"model":…,"in":…,"cached":…,"out":…}; if `cached` is missing it equals `in`. False with `err` if
 * `file` cannot be used. */
bool sm_price_find(const char *model, const char *file, struct sm_price *price, struct sm_err *err);

/* US dollars; NAN if the price is unknown. `out` includes reasoning tokens. */
double sm_price_cost(const struct sm_price *price, const struct sm_usage *usage);

/* What calls that were not made would take: bounds, since neither the replies nor the number of
 * tokens is known, and what is to be expected. All-zero: no calls. */
struct sm_plan {
    struct sm_plan_bound {
        int64_t calls, in, out;
        double more; /* US dollars that calls of dearer models than the client's own add */
    } least, typical, most;
};

/* Adds `calls` requests to the upper bound (`most`) or to the lower one. Their messages have
 * `bytes` bytes in all, at 2 to 6 bytes a token; each reply has at most `max_tokens` tokens. */
void sm_plan_add(struct sm_plan_bound *bound, bool most, int64_t calls, int64_t bytes,
                 int64_t max_tokens);

/* Adds them to what is expected: 4 bytes a token, and replies of 60 tokens, which is what a verdict
 * or a reason has, unless fewer are allowed. */
void sm_plan_expect(struct sm_plan *plan, int64_t calls, int64_t bytes, int64_t max_tokens);
void sm_plan_sum(struct sm_plan *sum, const struct sm_plan *plan);

/* What a bound costs in US dollars, prompts at the cached price or at that of new ones. */
double sm_plan_cost(const struct sm_price *price, const struct sm_plan_bound *bound, bool cached);

#endif
