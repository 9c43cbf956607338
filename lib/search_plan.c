#include "search_run.h"

#include "mem.h"

#define REASONING_BYTES_PER_TOKEN 2 /* as sm_plan_add() reckons at most */

/* A prompt with all train rows as examples, reasoned as long as replies may be, and the longest
 * question. */
static int64_t longest_prompt(struct run *run)
{
    int64_t reply = sm_llm_config(run->asker->llm)->max_tokens * REASONING_BYTES_PER_TOKEN;
    int64_t bytes = (int64_t)strlen(run->system) + reply; /* a persona is a reply */
    size_t longest = 0;
    for (size_t i = 0; i < run->train.count; i++) {
        size_t len = strlen(run->train.at[i].question);
        bytes += (int64_t)len + reply;
        longest = len > longest ? len : longest;
    }
    for (size_t i = 0; i < run->val.count; i++) {
        size_t len = strlen(run->val.at[i].question);
        longest = len > longest ? len : longest;
    }
    return bytes + (int64_t)longest;
}

void sm_search_plan_rest(struct run *run, struct sm_plan *plan)
{
    size_t calls = 0;
    for (size_t i = run->front; i < run->scan_count; i++) {
        const struct scan *scan = &run->scans[i];
        long seed = run->first_seed + (long)i;
        bool taught = seed > SM_SEED_LABELS && run->options->max_bootstrapped != 0;
        bool validating = scan->phase != PHASE_TEACH;
        size_t teach = taught && !validating ? run->train.count : 0;
        calls += teach + run->val.count - scan->asked;
    }
    sm_plan_add(&plan->most, true, (int64_t)calls, (int64_t)calls * longest_prompt(run),
                sm_llm_config(run->asker->llm)->max_tokens);
}
