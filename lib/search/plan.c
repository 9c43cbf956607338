#include "lib/search/internal/plan.h"

#include "lib/search/internal/oracle.h"
#include "lib/search/internal/typical.h"

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
    size_t typical = sm_search_typical(state),
           least = state->val.count - (nearest->phase == PHASE_VALIDATE ? nearest->asked : 0);
    typical = typical > state->calls ? typical - state->calls : 0;
    typical = typical > calls ? calls : typical < least ? least : typical;
    state->oracle->plan(state, nearest, (int64_t)calls, (int64_t)typical, plan);
}
