#include "lib/search/internal/state.h"

#include "lib/base/mem.h"
#include "lib/search/internal/oracle.h"

bool sm_search_by_order(const struct search_state *state)
{
    return state->search->options.tie_break[0] == 'f';
}

long sm_search_seed(const struct search_state *state, const struct trial *trial)
{
    return state->first_seed + (long)(trial - state->trials);
}

double sm_search_score(size_t correct, size_t n)
{
    struct sm_buf text = {0};
    sm_buf_printf(&text, "%.2f", 100.0 * (double)correct / (double)n);
    double score = strtod(text.data, NULL);
    sm_buf_release(&text);
    return score;
}

size_t sm_search_bound(const struct search_state *state, const struct trial *trial)
{
    if (trial->phase == PHASE_TEACH)
        return state->val.count;
    return state->val.count - (trial->answered - trial->correct);
}

bool sm_search_finished(const struct search_state *state, const struct trial *trial)
{
    return trial->phase != PHASE_TEACH && trial->answered == state->val.count;
}

/* A candidate that is right on every row ends the search as well, unless later ones may tie. */
size_t sm_search_enough(const struct search_state *state)
{
    size_t n = state->val.count, enough = 0, most = sm_search_by_order(state) ? n : n + 1;
    while (enough < most && sm_search_score(enough, n) < state->search->options.stop_at)
        enough++;
    return enough;
}

size_t sm_search_rest(const struct search_state *state, const struct trial *trial)
{
    const struct sm_search_options *options = &state->search->options;
    bool bootstraps =
        sm_search_seed(state, trial) > SM_SEED_LABELS && options->max_bootstrapped != 0;
    size_t rows = state->val.count - trial->asked;
    if (trial->phase == PHASE_TEACH)
        rows = state->val.count + (bootstraps ? state->train.count - trial->asked : 0);
    return rows * state->oracle->calls(state, trial);
}

bool sm_search_affordable(const struct search_state *state, const struct trial *trial)
{
    size_t calls = state->calls;
    if (state->search->options.budget == 0)
        return true;
    for (size_t i = 0; state->search->options.speculate && i < state->trial_count; i++)
        calls += state->trials[i].state && trial != &state->trials[i]
                     ? sm_search_rest(state, &state->trials[i])
                     : 0;
    return calls + sm_search_rest(state, trial) <= (size_t)state->search->options.budget;
}

size_t sm_search_consistent(const struct search_state *state, const struct trial *trial)
{
    size_t count = 0;
    for (size_t i = 0; i < state->val.count; i++) {
        const struct trace *trace = &trial->validate[i];
        count += trace->given.answered && trace->swapped.answered &&
                 trace->given.preference != trace->swapped.preference &&
                 trace->given.preference != SM_TIE && trace->swapped.preference != SM_TIE;
    }
    return count;
}
