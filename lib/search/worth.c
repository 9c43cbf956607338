#include "lib/search/internal/worth.h"

#include "lib/base/mem.h"
#include "lib/eval/stats.h"

struct trial *sm_search_without(const struct search_state *state)
{
    long at = SM_SEED_ZERO_SHOT - state->first_seed;
    return at >= 0 && (size_t)at < state->trial_count ? &state->trials[at] : NULL;
}

static size_t validated(const struct trial *trial)
{
    return trial->phase == PHASE_VALIDATE ? trial->answered : 0;
}

/* Adds the answers of a candidate under the number of those before that have any. */
static void add_tries(const struct search_state *state, const struct trial *trial,
                      struct sm_tries *tries, struct sm_try *list)
{
    for (size_t i = 0; i < state->val.count; i++) {
        const struct trace *trace = &trial->validate[i];
        if (trace->answered)
            list[tries->count++] = (struct sm_try){tries->candidates, i, trace->correct};
    }
    tries->candidates++;
}

struct weighed sm_search_weigh(const struct search_state *state, const struct trial *trial)
{
    struct weighed weighed = {0};
    struct sm_tries tries = {.pairs = state->val.count};
    const struct trial *without = sm_search_without(state);
    size_t most = 0, own = 0, other = 0;
    for (size_t i = 0; i < state->trial_count; i++)
        most += validated(&state->trials[i]);
    struct sm_try *list = sm_alloc(most, sizeof *list);
    tries.at = list;
    for (size_t i = 0; i < state->trial_count; i++) {
        const struct trial *at = &state->trials[i];
        if (validated(at) == 0)
            continue;
        own = at == trial ? tries.candidates : own;
        other = at == without ? tries.candidates : other;
        add_tries(state, at, &tries, list);
    }
    weighed.without = without && validated(without) > 0 ? without : NULL;
    sm_winner_worth(&tries, own, weighed.without ? other : own, &weighed.worth, &weighed.above);
    weighed.told = weighed.without && weighed.above >= SM_CI_LEVEL;
    free(list);
    return weighed;
}
