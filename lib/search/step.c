/* What a search asks next, until it is settled who has won. */
#include "lib/search/internal/step.h"

#include "lib/base/mem.h"
#include "lib/search/internal/ask.h"
#include "lib/search/internal/next.h"
#include "lib/search/internal/oracle.h"
#include "lib/search/internal/worth.h"

#include <stdint.h>

/* Also for a candidate that was never begun. */
static void release_trial(struct trial *trial)
{
    for (size_t i = 0; trial->state && i < trial->state->train.count; i++)
        free(trial->teach[i].reasoning);
    for (size_t i = 0; trial->state && i < trial->state->val.count; i++)
        free(trial->validate[i].reasoning);
    sm_candidate_release(&trial->candidate);
    free(trial->teach);
    free(trial->validate);
    free(trial->demos);
    free(trial->messages);
    sm_sides_release(&trial->sides);
    *trial = (struct trial){0};
}

void sm_search_free_trials(struct search_state *state)
{
    for (size_t i = 0; i < state->trial_count; i++)
        release_trial(&state->trials[i]);
    free(state->trials);
}

static struct trial *begin_trial(struct search_state *state, struct trial *trial)
{
    const struct sm_search_options *o = &state->search->options;
    if (trial->state)
        return trial;
    trial->state = state;
    sm_candidate_init(&trial->candidate, sm_search_seed(state, trial), state->train.count,
                      o->max_labeled, o->max_bootstrapped);
    trial->teach = sm_alloc(state->train.count, sizeof *trial->teach);
    trial->validate = sm_alloc(state->val.count, sizeof *trial->validate);
    return trial;
}

/* Asks what comes next for a candidate whose calls are all answered. */
static void advance_trial(struct trial *trial, size_t target)
{
    struct search_state *state = trial->state;
    if (trial->under_way + trial->pending > 0)
        return;
    size_t next = trial->phase == PHASE_TEACH ? sm_search_teach_next(state, trial) : 0;
    for (size_t i = 0; i < next; i++)
        sm_search_teach(trial);
    if (next > 0)
        return;
    if (trial->phase == PHASE_TEACH)
        sm_search_taught(trial);
    next = sm_search_validate_next(state, trial, target);
    for (size_t i = 0; i < next; i++)
        sm_search_validate(trial);
}

size_t sm_search_pending(const struct search_state *state)
{
    size_t pending = 0;
    for (size_t i = 0; i < state->trial_count && !state->best; i++)
        pending += state->trials[i].pending;
    return pending;
}

static bool is_tied(const struct search_state *state, const struct trial *trial,
                    const struct trial *first)
{
    return sm_search_finished(state, trial) && trial->correct == first->correct;
}

/* Which of the candidates that share the greatest score the rule for ties prefers. */
static const struct trial *break_tie(const struct search_state *state, const struct trial *first)
{
    bool shortest = state->search->options.tie_break[0] == 's';
    const struct trial *best = first;
    for (const struct trial *trial = state->trials; trial < state->trials + state->trial_count;
         trial++) {
        if (!is_tied(state, trial, first))
            continue;
        if (shortest ? trial->prompt_bytes < best->prompt_bytes
                     : sm_search_consistent(state, trial) > sm_search_consistent(state, best))
            best = trial;
    }
    return best;
}

/* Asks the candidates that share the greatest score, `first` among them, for the other
 * presentation, if the budget allows it. */
static void compare_tied(struct search_state *state, const struct trial *first)
{
    size_t budget = (size_t)state->search->options.budget, most = state->calls;
    for (size_t i = 0; i < state->trial_count; i++)
        most += is_tied(state, &state->trials[i], first) ? state->val.count : 0;
    if (most == state->calls + state->val.count || (budget > 0 && most > budget))
        return;
    for (size_t i = 0; i < state->trial_count; i++) {
        if (is_tied(state, &state->trials[i], first))
            sm_search_compare(&state->trials[i]);
    }
}

/* With --fallback: asks the candidate without examples the validation rows that it was not asked,
 * if the budget allows it. */
static void finish_without(struct search_state *state)
{
    struct trial *without = sm_search_without(state);
    if (!without || !sm_search_affordable(state, without))
        return;
    if (begin_trial(state, without)->phase == PHASE_TEACH)
        sm_search_taught(without);
    while (without->asked < state->val.count)
        sm_search_validate(without);
}

/* `first` has the greatest score: it wins, or one that shares it. */
static void conclude(struct search_state *state, const struct trial *first)
{
    char rule = state->search->options.tie_break[0];
    bool ended = first->correct >= sm_search_enough(state);
    if (rule == 'c' && !ended)
        compare_tied(state, first);
    if (state->search->options.fallback)
        finish_without(state);
    if (state->under_way == 0 && sm_search_pending(state) == 0)
        state->best = rule == 'f' || ended ? first : break_tie(state, first);
}

/* The budget does not allow any candidate to finish. */
static void fail_budget(struct search_state *state)
{
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < state->trial_count; i++) {
        size_t rest = sm_search_rest(state, &state->trials[i]);
        least = rest < least ? rest : least;
    }
    sm_err_set(&state->failed, SM_EXIT_PARTIAL, "give a larger --budget",
               "a budget of %ld calls: the smallest set of examples may take %zu",
               state->search->options.budget, state->calls + least);
}

/* A candidate's calls go out in rounds, and the next begins when the last is over. What is asked
 * depends on the answers and on how long they took when paid, both of which the store keeps, never
 * on when they come. So two runs on one store are the same. */
bool sm_search_step(struct search_state *state)
{
    bool all = state->search->options.speculate;
    if (!state->failed.message && (all || state->under_way == 0)) {
        size_t target;
        struct trial *front = sm_search_front(state, &target);
        if (!front)
            fail_budget(state);
        else if (sm_search_finished(state, front))
            conclude(state, front);
        else if (!all)
            advance_trial(begin_trial(state, front), target);
    }
    for (size_t i = 0; all && !state->failed.message && !state->best && i < state->trial_count;
         i++) {
        if (sm_search_affordable(state, &state->trials[i]))
            advance_trial(begin_trial(state, &state->trials[i]), 0);
    }
    return state->under_way > 0;
}
