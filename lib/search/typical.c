#include "lib/search/internal/typical.h"

#include "lib/base/mem.h"
#include "lib/base/rng.h"
#include "lib/search/internal/oracle.h"
#include "lib/search/internal/step.h"

/* Rows differ more than candidates do: whatever the examples, a judge that is right three times in
 * four gets most rows right nearly always, and some hardly ever. */
#define HARD 0.25 /* share of the rows */
#define RIGHT_EASY 0.95
#define RIGHT_HARD 0.15
#define SEARCHES 16
#define ANSWER_MS 1000 /* as a model's, not as a mock's */

/* A search whose answers are drawn. */
struct simulation {
    struct search_state state; /* first: the oracle is given that */
    size_t each;               /* calls that a row takes */
    struct sm_rng rng;
    bool *hard_train, *hard_val; /* by row */
    struct trace **due;          /* asked, in that order, and not answered */
    size_t count, room;
    bool over;
};

static struct simulation *simulation_of(const struct trace *trace)
{
    return (struct simulation *)trace->trial->state;
}

static void ask(struct trace *trace)
{
    struct simulation *s = simulation_of(trace);
    sm_search_asked(trace->trial, s->each);
    s->due = sm_grow(s->due, s->count, &s->room, sizeof(struct trace *));
    s->due[s->count++] = trace;
}

static void ask_swapped(struct trace *trace)
{
    trace->trial->state->calls++;
}

static void prepare(struct trial *trial)
{
    (void)trial;
}

static size_t calls(const struct search_state *state, const struct trial *trial)
{
    (void)trial;
    return ((const struct simulation *)state)->each;
}

static void advance(struct search_state *state)
{
    struct simulation *s = (struct simulation *)state;
    s->over |= !sm_search_step(state);
}

static bool *draw_hard(struct sm_rng *rng, size_t rows)
{
    bool *hard = sm_alloc(rows + 1, sizeof *hard);
    for (size_t i = 0; i < rows; i++)
        hard[i] = sm_rng_double(rng) < HARD;
    return hard;
}

static bool is_right(struct simulation *s, const struct trace *trace)
{
    const struct search_state *state = &s->state;
    bool hard = trace->trial->phase == PHASE_TEACH ? s->hard_train[trace->row - state->train.at]
                                                   : s->hard_val[trace->row - state->val.at];
    return sm_rng_double(&s->rng) < (hard ? RIGHT_HARD : RIGHT_EASY);
}

static void answer_all(struct simulation *s)
{
    for (size_t i = 0; i < s->count && !s->over; i++) {
        struct trace *trace = s->due[i];
        sm_search_answered(trace->trial, ANSWER_MS);
        sm_search_settle(trace, is_right(s, trace));
        s->state.advance(&s->state);
    }
}

static size_t simulate(const struct search_state *state, int64_t seed)
{
    static const struct oracle drawn = {
        .prepare = prepare, .calls = calls, .ask = ask, .ask_swapped = ask_swapped};
    struct simulation s = {.state = {.search = state->search,
                                     .oracle = &drawn,
                                     .advance = advance,
                                     .train = state->train,
                                     .val = state->val,
                                     .first_seed = state->first_seed,
                                     .trial_count = state->trial_count,
                                     .quickest_ms = ANSWER_MS}};
    s.each = state->oracle->calls(state, &state->trials[state->trial_count - 1]);
    s.state.trials = sm_alloc(state->trial_count, sizeof *s.state.trials);
    sm_rng_seed(&s.rng, seed);
    s.hard_train = draw_hard(&s.rng, state->train.count);
    s.hard_val = draw_hard(&s.rng, state->val.count);
    advance(&s.state);
    answer_all(&s);
    size_t taken = s.state.calls;
    sm_search_free_trials(&s.state);
    sm_err_clear(&s.state.failed);
    free(s.due);
    free(s.hard_train);
    free(s.hard_val);
    return taken;
}

size_t sm_search_typical(const struct search_state *state)
{
    struct sm_search_forecast *f = &state->search->forecast;
    if (f->train == state->train.count && f->val == state->val.count && f->calls > 0)
        return f->calls;
    size_t sum = 0;
    if (state->trial_count == 0)
        return 0;
    for (int i = 0; i < SEARCHES; i++)
        sum += simulate(state, i);
    *f = (struct sm_search_forecast){state->train.count, state->val.count,
                                     (sum + SEARCHES / 2) / SEARCHES};
    return f->calls;
}
