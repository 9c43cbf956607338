#include "lib/search/internal/next.h"
#include "lib/search/rounds.h"

static struct sm_rounds rounds_of(const struct search_state *state)
{
    return (struct sm_rounds){state->search->options.certainty, state->right, state->answers,
                              state->quickest_ms};
}

size_t sm_search_teach_next(const struct search_state *state, const struct trial *trial)
{
    const struct sm_search_options *options = &state->search->options;
    struct sm_rounds rounds = rounds_of(state);
    size_t wanted = trial->candidate.wanted, left = state->train.count - trial->asked;
    if (trial->correct >= wanted)
        return 0;
    if (options->speculate)
        return left;
    return sm_rounds_chunk(&rounds, wanted - trial->correct, left, sm_rounds_right(&rounds));
}

size_t sm_search_validate_next(const struct search_state *state, const struct trial *trial,
                               size_t target)
{
    const struct sm_search_options *options = &state->search->options;
    struct sm_rounds rounds = rounds_of(state);
    size_t left = state->val.count - trial->asked, bound = sm_search_bound(state, trial);
    if (options->speculate)
        return left;
    if (bound < target)
        return 0;
    return sm_rounds_chunk(&rounds, bound - target + 1, left, 1 - sm_rounds_right(&rounds));
}

bool sm_search_swap_at_once(const struct search_state *state)
{
    const struct sm_search_options *options = &state->search->options;
    struct sm_rounds rounds = rounds_of(state);
    bool guessed = state->answers == 0 && options->certainty < 0;
    return options->speculate ||
           (!guessed && sm_rounds_right(&rounds) >= sm_rounds_certainty(&rounds));
}

/* Whether `trial` comes before `best` if none can end the search. */
static bool is_better(const struct search_state *state, const struct trial *trial,
                      const struct trial *best)
{
    size_t bound = sm_search_bound(state, trial), least = sm_search_bound(state, best);
    if (bound != least || sm_search_by_order(state))
        return bound > least;
    return sm_search_finished(state, best) && !sm_search_finished(state, trial);
}

struct trial *sm_search_front(const struct search_state *state, size_t *target)
{
    size_t enough = sm_search_enough(state);
    struct trial *best = NULL;
    for (size_t i = 0; i < state->trial_count; i++) {
        struct trial *trial = &state->trials[i];
        if (!sm_search_affordable(state, trial))
            continue;
        *target = enough;
        if (sm_search_bound(state, trial) >= enough)
            return trial;
        if (!best || is_better(state, trial, best))
            best = trial;
    }
    if (best)
        *target = sm_search_bound(state, best);
    return best;
}
