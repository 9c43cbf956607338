#include "lib/search/internal/next.h"

#include <math.h>

/* How sure it must be that a call is needed, if --certainty does not say. It depends on how long
 * answers take. If rounds cost no time there may be many, and hardly a call is wasted; if each
 * takes long, rounds are saved. Before the first answers it is in between. */
#define CERTAINTY_FIRST 0.7
static const struct {
    double below_ms, certainty;
} certainties[] = {{40, 0.97}, {250, 0.9}};
#define CERTAINTY_SLOW 0.5

/* Until this user's answers tell more, a judge is taken to be right three times in four. */
#define PRIOR_RIGHT 3.0
#define PRIOR_ANSWERS 4.0

static double share_right(const struct search_state *state)
{
    return (PRIOR_RIGHT + (double)state->right) / (PRIOR_ANSWERS + (double)state->answers);
}

/* The quickest answer shows how long the endpoint takes: others may have waited for a place, or
 * been repeated. */
static double certainty(const struct search_state *state)
{
    double given = state->search->options.certainty;
    if (given >= 0)
        return given;
    if (state->answers == 0)
        return CERTAINTY_FIRST;
    for (size_t i = 0; i < sizeof certainties / sizeof *certainties; i++) {
        if (state->quickest_ms < certainties[i].below_ms)
            return certainties[i].certainty;
    }
    return CERTAINTY_SLOW;
}

/* The probability of at least `least` successes of probability p in n trials. */
static double at_least(size_t least, size_t n, double p)
{
    double below = 0, log_p = log(p), log_q = log1p(-p);
    for (size_t i = 0; i < least; i++) {
        if (i > n)
            return 0;
        below += exp(lgamma((double)n + 1) - lgamma((double)i + 1) - lgamma((double)(n - i) + 1) +
                     (double)i * log_p + (double)(n - i) * log_q);
    }
    return 1 - below;
}

/* How many of `left` calls to ask at once, if `events` of probability p each make the rest
 * needless: one more for as long as it will be needed with probability `certain`. */
static size_t chunk(size_t events, size_t left, double p, double certain)
{
    const double slack = 1e-9; /* for rounding in the sums */
    size_t n = events < left ? events : left;
    while (n < left && at_least(events, n, p) <= 1 - certain + slack)
        n++;
    return n;
}

size_t sm_search_teach_next(const struct search_state *state, const struct trial *trial)
{
    const struct sm_search_options *options = &state->search->options;
    size_t wanted = trial->candidate.wanted, left = state->train.count - trial->asked;
    if (trial->correct >= wanted)
        return 0;
    if (options->speculate)
        return left;
    return chunk(wanted - trial->correct, left, share_right(state), certainty(state));
}

size_t sm_search_validate_next(const struct search_state *state, const struct trial *trial,
                               size_t target)
{
    const struct sm_search_options *options = &state->search->options;
    size_t left = state->val.count - trial->asked, bound = sm_search_bound(state, trial);
    if (options->speculate)
        return left;
    if (bound < target)
        return 0;
    return chunk(bound - target + 1, left, 1 - share_right(state), certainty(state));
}

bool sm_search_swap_at_once(const struct search_state *state)
{
    const struct sm_search_options *options = &state->search->options;
    bool guessed = state->answers == 0 && options->certainty < 0;
    return options->speculate || (!guessed && share_right(state) >= certainty(state));
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
