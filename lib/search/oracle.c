#include "lib/search/internal/oracle.h"

void sm_search_asked(struct trial *trial, size_t calls)
{
    trial->state->calls += calls;
    trial->state->under_way++;
    trial->under_way++;
}

void sm_search_answered(struct trial *trial, double ms)
{
    struct search_state *state = trial->state;
    trial->under_way--;
    state->under_way--;
    if (ms < state->quickest_ms)
        state->quickest_ms = ms;
}

void sm_search_unanswered(struct trial *trial, size_t calls, const struct sm_err *error,
                          unsigned tried)
{
    struct search_state *state = trial->state;
    trial->under_way--;
    state->under_way--;
    if (error->code == SM_EXIT_PENDING) {
        trial->pending += calls;
    } else if (!state->failed.message) {
        sm_err_set(&state->failed, error->code, error->remedy, "%s", error->message);
        state->tried = tried;
    }
}

void sm_search_settle(struct trace *trace, bool correct)
{
    struct trial *trial = trace->trial;
    struct search_state *state = trial->state;
    trace->answered = true;
    trace->correct = correct;
    trial->answered++;
    trial->correct += correct;
    state->answers++;
    state->right += correct;
}

void sm_search_give_up(struct search_state *state, struct sm_err *err)
{
    if (state->failed.message)
        sm_err_clear(err);
    else
        state->failed = *err;
}
