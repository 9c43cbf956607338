#include "lib/search/internal/plan.h"

#include "lib/search/internal/oracle.h"

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
    state->oracle->plan(state, nearest, (int64_t)calls, plan);
}
