#include "lib/search/search.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/search/internal/ask.h"
#include "lib/search/internal/next.h"
#include "lib/search/internal/oracle.h"
#include "lib/search/internal/plan.h"
#include "lib/search/internal/records.h"
#include "lib/search/internal/step.h"
#include "lib/search/internal/typical.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#define FIELD(name) offsetof(struct sm_search_options, name)

const struct sm_opt sm_search_opts[] = {
    SM_OPT_TITLED("Candidate sets"),
    {0, "candidates", "N", SM_OPT_INT, FIELD(candidates), 0, 1e6,
     "Look at candidate sets of examples with the seeds up to N - 1. Fewer sets, fewer calls. "
     "Default: 10."},
    {0, "max-labeled", "N", SM_OPT_INT, FIELD(max_labeled), 0, 1e6,
     "Fill a set up to N examples with pairs that have no reasoning; the teacher sees as many. "
     "More examples, longer prompts. Default: 4."},
    {0, "max-bootstrapped", "N", SM_OPT_INT, FIELD(max_bootstrapped), -1, 1e6,
     "At most N examples with reasoning in a set; -1: as many as there are train pairs. Fewer, "
     "fewer calls and shorter prompts. Default: -1."},
    {0, "stop-at", "PERCENT", SM_OPT_REAL, FIELD(stop_at), 0, 101,
     "Stop at the first set whose score on the validation pairs is at least PERCENT; 101: never. "
     "Default: 80."},
    {0, "seeds", "A..B", SM_OPT_TEXT, FIELD(seeds), 0, 0,
     "Look at the seeds from A to B instead: -3 is no example at all, -2 labels alone, -1 the "
     "pairs in their order."},
    {0, "certainty", "P", SM_OPT_REAL, FIELD(certainty), 0, 1,
     "Ask a call beside others when it will be needed with probability P: 1 is fewest calls, one "
     "after another, lower values ask more at once and some for nothing. Default: 0.97 where "
     "answers come within 40 ms, 0.9 within 250 ms, 0.5 where they take longer, 0.7 until there "
     "are any."},
    {0, "speculate", NULL, SM_OPT_FLAG, FIELD(speculate), 0, 0,
     "Ask at once all that may be needed: many more calls, as few one after another as can be, the "
     "same examples. --batch implies it."},
    {0, "budget", "CALLS", SM_OPT_INT, FIELD(budget), 0, 1e9,
     "At most so many calls for a user in this stage: sets that may take more than is left are not "
     "looked at. 0: no limit. Default: 0."},
    {0, "verify", "one|both", SM_OPT_CHOICE, FIELD(verify), 0, 0,
     "An answer counts if it is right in the one order in which the pair is shown, or in both "
     "orders: that guards against judges that look at the place. Up to twice the calls. Default: "
     "one."},
    {0, "tie-break", "first|shortest|consistent", SM_OPT_CHOICE, FIELD(tie_break), 0, 0,
     "Of the sets that share the greatest score take the first, the one with the shortest prompt, "
     "or the one whose answers depend least on the order of the replies. The latter two look at "
     "all that may tie. Default: first."},
    SM_OPT_END};

const struct sm_opt sm_search_fallback_opts[] = {
    {0, "fallback", NULL, SM_OPT_FLAG, FIELD(fallback), 0, 0,
     "Take no examples for a user for whom the best set cannot be told from none (see Whether "
     "examples help). May ask that judge the rest of the validation pairs."},
    SM_OPT_END};

/* The numbers of "A..B" (A from -3, B at most 1e6). False with `err` if `text` is anything else. */
static bool read_seeds(const char *text, long *from, long *to, struct sm_err *err)
{
    char *end = NULL;
    *from = strtol(text, &end, 10);
    bool ok = end != text && strncmp(end, "..", 2) == 0;
    const char *second = ok ? end + 2 : "";
    *to = strtol(second, &end, 10);
    if (ok && end != second && !*end && *from >= SM_SEED_ZERO_SHOT && *from <= *to &&
        *to <= 1000000)
        return true;
    return sm_err_set(err, SM_EXIT_USAGE, "give two numbers, for example -3..9",
                      "--seeds %s: not a range A..B with A from -3 and A at most B", text);
}

bool sm_search_check(struct sm_search *search, struct sm_err *err)
{
    struct sm_search_options *options = &search->options;
    long from, to;
    if (options->seeds && !read_seeds(options->seeds, &from, &to, err))
        return false;
    if (!search->rewarder)
        return true;
    if (options->verify[0] == 'b')
        return sm_err_set(err, SM_EXIT_USAGE, "leave out --verify both",
                          "by likelihood there is no other order of the replies to verify");
    options->max_bootstrapped = 0;
    if (options->tie_break[0] == 'c')
        options->tie_break = "first";
    return true;
}

static void free_search(struct search_state *state)
{
    sm_search_free_trials(state);
    sm_search_free_rows(&state->train);
    sm_search_free_rows(&state->val);
    free(state->system);
    sm_err_clear(&state->failed);
    free(state);
}

/* Ends the search and frees `state`. */
static void end_search(struct search_state *state)
{
    struct sm_user *user = state->user;
    size_t pending = sm_search_pending(state);
    if (state->failed.message) {
        sm_user_failed(user, &state->failed, state->tried);
    } else if (pending > 0) {
        sm_search_plan_rest(state, &user->stage->planned);
        sm_user_pending(user, pending);
    } else {
        sm_search_write(state);
        sm_user_done(user);
    }
    free_search(state);
}

static void advance(struct search_state *state)
{
    if (!sm_search_step(state))
        end_search(state);
}

static void check_rows(struct search_state *state)
{
    size_t train = state->train.count, val = state->val.count;
    if (state->failed.message || (train > 0 && val > 0))
        return;
    sm_err_set(
        &state->failed, SM_EXIT_PARTIAL,
        "run sm-split first, on rows without a `split` of their own, and give at least 2 pairs a "
        "user that are not held out for test",
        "%zu train and %zu val rows: at least one of each is needed to learn from", train, val);
}

static struct search_state *open_search(struct sm_user *user, struct sm_search *search,
                                        const char *persona)
{
    struct search_state *state = sm_alloc(1, sizeof *state);
    long last_seed = search->options.candidates - 1;
    *state = (struct search_state){.user = user,
                                   .search = search,
                                   .oracle = search->oracle     ? search->oracle
                                             : search->rewarder ? &sm_search_by_likelihood
                                                                : &sm_search_by_verdict,
                                   .advance = advance,
                                   .first_seed = search->first_seed,
                                   .quickest_ms = INFINITY};
    if (search->options.seeds)
        read_seeds(search->options.seeds, &state->first_seed, &last_seed, NULL);
    state->trial_count =
        last_seed < state->first_seed ? 0 : (size_t)(last_seed - state->first_seed + 1);
    state->trials = sm_alloc(state->trial_count, sizeof *state->trials);
    sm_search_collect(state, &state->train, SM_SPLIT_TRAIN);
    sm_search_collect(state, &state->val, SM_SPLIT_VAL);
    state->oracle->open(state, persona);
    check_rows(state);
    return state;
}

void sm_search_begin(struct sm_user *user, struct sm_search *search, const char *persona)
{
    struct search_state *state = open_search(user, search, persona);
    if (user->stage->progress && !state->failed.message)
        user->stage->expected += sm_search_typical(state);
    advance(state);
}

void sm_search_plan(struct sm_user *user, struct sm_search *search, struct sm_plan *plan)
{
    struct search_state *state = open_search(user, search, NULL);
    size_t target;
    state->foreseen = true;
    if (!state->failed.message && sm_search_front(state, &target))
        sm_search_plan_rest(state, plan);
    free_search(state);
}
