#include "lib/search/internal/plan.h"

#include "lib/base/mem.h"

#define REASONING_BYTES_PER_TOKEN 2 /* as in the upper bound of sm_plan_add() */

/* A prompt with all train rows as examples, the longest reasons, and the longest question. */
static int64_t longest_prompt(struct search_state *state)
{
    int64_t reply = sm_llm_config(state->search->asker.llm)->max_tokens * REASONING_BYTES_PER_TOKEN;
    int64_t bytes = (int64_t)strlen(state->system) + reply; /* a persona is a reply */
    size_t longest = 0;
    for (size_t i = 0; i < state->train.count; i++) {
        size_t len = strlen(state->train.at[i].question);
        bytes += (int64_t)len + reply;
        longest = len > longest ? len : longest;
    }
    for (size_t i = 0; i < state->val.count; i++) {
        size_t len = strlen(state->val.at[i].question);
        longest = len > longest ? len : longest;
    }
    return bytes + (int64_t)longest;
}

/* The rows that must at least be asked until a first candidate is finished: those that `trial` has
 * not been asked. */
static void add_least(const struct search_state *state, const struct trial *trial,
                      struct sm_plan_bound *least)
{
    size_t asked = trial->phase == PHASE_VALIDATE ? trial->asked : 0;
    int64_t bytes = 0;
    for (size_t i = asked; i < state->val.count; i++)
        bytes += (int64_t)(strlen(state->system) + strlen(state->val.at[i].question));
    sm_plan_add(least, false, (int64_t)(state->val.count - asked), bytes,
                sm_llm_config(state->search->asker.llm)->max_tokens);
}

void sm_search_plan_rest(struct search_state *state, struct sm_plan *plan)
{
    const struct sm_search_options *options = &state->search->options;
    size_t calls = 0, both = options->tie_break[0] == 'c' ? state->val.count : 0;
    const struct trial *nearest = &state->trials[0];
    for (size_t i = 0; i < state->trial_count; i++) {
        const struct trial *trial = &state->trials[i];
        calls += sm_search_rest(state, trial) + (options->verify[0] == 'b' ? 0 : both);
        if (trial->phase == PHASE_VALIDATE &&
            (nearest->phase != PHASE_VALIDATE || trial->asked > nearest->asked))
            nearest = trial;
    }
    if (options->budget > 0 && calls + state->calls > (size_t)options->budget)
        calls = (size_t)options->budget - state->calls;
    add_least(state, nearest, &plan->least);
    sm_plan_add(&plan->most, true, (int64_t)calls, (int64_t)calls * longest_prompt(state),
                sm_llm_config(state->search->asker.llm)->max_tokens);
}
