#include "lib/search/search.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/search/internal/search.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#define FIELD(name) offsetof(struct sm_search_options, name)

const struct sm_opt sm_search_opts[] = {
    {0, "candidates", "N", SM_OPT_INT, FIELD(candidates), 0, 1e6,
     "Look at candidate sets of examples with the seeds up to N - 1. Fewer sets, fewer calls. "
     "Default: 10."},
    {0, "max-labeled", "N", SM_OPT_INT, FIELD(max_labeled), 0, 1e6,
     "Fill a set up to N examples with pairs that have no reasoning; the teacher sees as many. "
     "More "
     "examples, longer prompts. Default: 4."},
    {0, "max-bootstrapped", "N", SM_OPT_INT, FIELD(max_bootstrapped), -1, 1e6,
     "At most N examples with reasoning in a set; -1: as many as there are train pairs. Fewer, "
     "fewer "
     "calls and shorter prompts. Default: -1."},
    {0, "stop-at", "PERCENT", SM_OPT_REAL, FIELD(stop_at), 0, 101,
     "Stop at the first set whose score on the validation pairs is at least PERCENT; 101: never. "
     "Default: 80."},
    {0, "seeds", "A..B", SM_OPT_TEXT, FIELD(seeds), 0, 0,
     "Look at the seeds from A to B instead: -3 is no example at all, -2 labels alone, -1 the "
     "pairs "
     "in their order."},
    {0, "certainty", "P", SM_OPT_REAL, FIELD(certainty), 0, 1,
     "Ask a call beside others when it will be needed with probability P: 1 is fewest calls, one "
     "after "
     "another, lower values ask more at once and some for nothing. Default: 0.97 where answers "
     "come "
     "within 40 ms, 0.9 within 250 ms, 0.5 where they take longer, 0.7 until there are any."},
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
     "all "
     "that may tie. Default: first."},
    SM_OPT_END};

bool sm_search_seeds(const char *text, long *from, long *to, struct sm_err *err)
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

/* Forgets what a candidate was; also of one that was never begun. */
static void release_scan(struct scan *scan)
{
    for (size_t i = 0; scan->run && i < scan->run->train.count; i++)
        free(scan->teach[i].reasoning);
    for (size_t i = 0; scan->run && i < scan->run->val.count; i++)
        free(scan->validate[i].reasoning);
    sm_candidate_release(&scan->candidate);
    free(scan->teach);
    free(scan->validate);
    free(scan->demos);
    free(scan->messages);
    *scan = (struct scan){0};
}

static void free_run(struct run *run)
{
    for (size_t i = 0; i < run->scan_count; i++)
        release_scan(&run->scans[i]);
    free(run->scans);
    sm_search_free_rows(&run->train);
    sm_search_free_rows(&run->val);
    free(run->system);
    sm_err_clear(&run->failed);
    free(run);
}

/* The candidate, begun if it was not. */
static struct scan *begun(struct run *run, struct scan *scan)
{
    const struct sm_search_options *o = &run->search->options;
    if (scan->run)
        return scan;
    scan->run = run;
    sm_candidate_init(&scan->candidate, run->first_seed + (long)(scan - run->scans),
                      run->train.count, o->max_labeled, o->max_bootstrapped);
    scan->teach = sm_alloc(run->train.count, sizeof *scan->teach);
    scan->validate = sm_alloc(run->val.count, sizeof *scan->validate);
    return scan;
}

/* Asks what comes next of a candidate whose calls are all answered. */
static void advance_scan(struct scan *scan, size_t target)
{
    struct run *run = scan->run;
    if (scan->under_way + scan->pending > 0)
        return;
    size_t next = scan->phase == PHASE_TEACH ? sm_search_teach_next(run, scan) : 0;
    for (size_t i = 0; i < next; i++)
        sm_search_teach(scan);
    if (next > 0)
        return;
    if (scan->phase == PHASE_TEACH)
        sm_search_taught(scan);
    next = sm_search_validate_next(run, scan, target);
    for (size_t i = 0; i < next; i++)
        sm_search_validate(scan);
}

static size_t count_pending(const struct run *run)
{
    size_t pending = 0;
    for (size_t i = 0; i < run->scan_count && !run->best; i++)
        pending += run->scans[i].pending;
    return pending;
}

/* Ends the search; `run` is gone afterwards. */
static void end_run(struct run *run)
{
    struct sm_user *user = run->user;
    size_t pending = count_pending(run);
    if (run->failed.message) {
        sm_user_failed(user, &run->failed, run->tried);
    } else if (pending > 0) {
        sm_search_plan_rest(run, &user->stage->planned);
        sm_user_pending(user, pending);
    } else {
        sm_search_write(run);
        sm_user_done(user);
    }
    free_run(run);
}

static bool is_tied(const struct run *run, const struct scan *scan, const struct scan *first)
{
    return sm_search_finished(run, scan) && scan->correct == first->correct;
}

/* Of the candidates that share the greatest score the one that the rule for ties prefers. */
static const struct scan *break_tie(const struct run *run, const struct scan *first)
{
    bool shortest = run->search->options.tie_break[0] == 's';
    const struct scan *best = first;
    for (const struct scan *scan = run->scans; scan < run->scans + run->scan_count; scan++) {
        if (!is_tied(run, scan, first))
            continue;
        if (shortest ? strlen(scan->messages) < strlen(best->messages)
                     : sm_search_consistent(run, scan) > sm_search_consistent(run, best))
            best = scan;
    }
    return best;
}

/* Asks the candidates that share the greatest score, `first` among them, what they make of the
 * other presentation; not where the budget does not allow it. */
static void compare_tied(struct run *run, const struct scan *first)
{
    size_t budget = (size_t)run->search->options.budget, most = run->calls;
    for (size_t i = 0; i < run->scan_count; i++)
        most += is_tied(run, &run->scans[i], first) ? run->val.count : 0;
    if (most == run->calls + run->val.count || (budget > 0 && most > budget))
        return;
    for (size_t i = 0; i < run->scan_count; i++) {
        if (is_tied(run, &run->scans[i], first))
            sm_search_compare(&run->scans[i]);
    }
}

/* The candidate `first` has the greatest score: it wins, or one of those that share it. */
static void conclude(struct run *run, const struct scan *first)
{
    char rule = run->search->options.tie_break[0];
    bool ended = first->correct >= sm_search_enough(run);
    if (rule == 'c' && !ended)
        compare_tied(run, first);
    if (run->under_way == 0 && count_pending(run) == 0)
        run->best = rule == 'f' || ended ? first : break_tie(run, first);
}

/* A candidate's calls are asked in rounds, and the next one begins when a round is through: what is
 * asked depends on the answers and on how long they took when they were paid, both of which the
 * store keeps, never on when they came: two runs on one store are the same. */
void sm_search_advance(struct run *run)
{
    bool all = run->search->options.speculate;
    if (!run->failed.message && (all || run->under_way == 0)) {
        size_t target;
        struct scan *front = &run->scans[sm_search_front(run, &target)];
        if (sm_search_finished(run, front))
            conclude(run, front);
        else if (!all)
            advance_scan(begun(run, front), target);
    }
    for (size_t i = 0; all && !run->failed.message && !run->best && i < run->scan_count; i++) {
        if (sm_search_affordable(run, &run->scans[i]))
            advance_scan(begun(run, &run->scans[i]), 0);
    }
    if (run->under_way == 0)
        end_run(run);
}

/* Why nothing can be learned from this user, if so. */
static bool is_hopeless(const struct run *run, struct sm_err *err)
{
    size_t train = run->train.count, val = run->val.count, least = SIZE_MAX;
    long budget = run->search->options.budget;
    if (train == 0 || val == 0)
        return !sm_err_set(
            err, SM_EXIT_PARTIAL,
            "run sm-split first, on rows without a `split` of their own, and give at least 2 pairs "
            "a user that are not held out for test",
            "%zu train and %zu val rows: at least one of each is needed to learn from", train, val);
    for (size_t i = 0; i < run->scan_count; i++) {
        size_t rest = sm_search_rest(run, &run->scans[i]);
        least = rest < least ? rest : least;
    }
    if (budget == 0 || least <= (size_t)budget)
        return false;
    return !sm_err_set(err, SM_EXIT_PARTIAL, "give a larger --budget",
                       "a budget of %ld calls: the smallest set of examples may take %zu", budget,
                       least);
}

static struct run *open_run(struct sm_user *user, struct sm_search *search, const char *persona)
{
    struct run *run = sm_alloc(1, sizeof *run);
    long last_seed = search->options.candidates - 1;
    *run = (struct run){
        .user = user, .search = search, .first_seed = search->first_seed, .quickest_ms = INFINITY};
    if (search->options.seeds)
        sm_search_seeds(search->options.seeds, &run->first_seed, &last_seed, NULL);
    run->scan_count = last_seed < run->first_seed ? 0 : (size_t)(last_seed - run->first_seed + 1);
    run->scans = sm_alloc(run->scan_count, sizeof *run->scans);
    sm_search_collect(run, &run->train, SM_SPLIT_TRAIN);
    sm_search_collect(run, &run->val, SM_SPLIT_VAL);
    run->system = sm_search_system(run, persona);
    if (!run->failed.message)
        is_hopeless(run, &run->failed);
    return run;
}

void sm_search_begin(struct sm_user *user, struct sm_search *search, const char *persona)
{
    sm_search_advance(open_run(user, search, persona));
}

void sm_search_plan(struct sm_user *user, struct sm_search *search, struct sm_plan *plan)
{
    struct run *run = open_run(user, search, NULL);
    if (!run->failed.message)
        sm_search_plan_rest(run, plan);
    free_run(run);
}
