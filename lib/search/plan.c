#include "lib/search/internal/search.h"

#include "lib/base/mem.h"

#define REASONING_BYTES_PER_TOKEN 2 /* as sm_plan_add() reckons at most */

/* A prompt with all train rows as examples, reasoned as long as replies may be, and the longest
 * question. */
static int64_t longest_prompt(struct run *run)
{
    int64_t reply = sm_llm_config(run->search->asker.llm)->max_tokens * REASONING_BYTES_PER_TOKEN;
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

/* The rows that must still be asked until the first candidate can be finished: those that `scan`
 * has not been asked. */
static void add_least(const struct run *run, const struct scan *scan, struct sm_plan_bound *least)
{
    size_t asked = scan->phase == PHASE_VALIDATE ? scan->asked : 0;
    int64_t bytes = 0;
    for (size_t i = asked; i < run->val.count; i++)
        bytes += (int64_t)(strlen(run->system) + strlen(run->val.at[i].question));
    sm_plan_add(least, false, (int64_t)(run->val.count - asked), bytes,
                sm_llm_config(run->search->asker.llm)->max_tokens);
}

void sm_search_plan_rest(struct run *run, struct sm_plan *plan)
{
    const struct sm_search_options *options = &run->search->options;
    size_t calls = 0, both = options->tie_break[0] == 'c' ? run->val.count : 0;
    const struct scan *nearest = &run->scans[0];
    for (size_t i = 0; i < run->scan_count; i++) {
        const struct scan *scan = &run->scans[i];
        calls += sm_search_rest(run, scan) + (options->verify[0] == 'b' ? 0 : both);
        if (scan->phase == PHASE_VALIDATE &&
            (nearest->phase != PHASE_VALIDATE || scan->asked > nearest->asked))
            nearest = scan;
    }
    if (options->budget > 0 && calls + run->calls > (size_t)options->budget)
        calls = (size_t)options->budget - run->calls;
    add_least(run, nearest, &plan->least);
    sm_plan_add(&plan->most, true, (int64_t)calls, (int64_t)calls * longest_prompt(run),
                sm_llm_config(run->search->asker.llm)->max_tokens);
}
