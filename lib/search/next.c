/* Which calls of a search come next: the frontier, and how far ahead of certainty it goes. */
#include "lib/search/internal/search.h"

#include <math.h>

/* How sure it must be that a call is needed where --certainty does not say, by how long answers
 * take: rounds that cost no time may be many, so that next to nothing is asked in vain; where each
 * is waited for, they are saved. Before the first answers it is between the two. */
#define CERTAINTY_FIRST 0.7
static const struct {
    double below_ms, certainty;
} certainties[] = {{40, 0.97}, {250, 0.9}};
#define CERTAINTY_SLOW 0.5

/* A judge is taken to be right three times in four until this user's answers tell more. */
#define PRIOR_RIGHT 3.0
#define PRIOR_ANSWERS 4.0

static double share_right(const struct run *run)
{
    return (PRIOR_RIGHT + (double)run->right) / (PRIOR_ANSWERS + (double)run->answers);
}

/* The quickest answer tells how long the endpoint takes: the others may have waited for a place or
 * for a repetition. */
static double certainty(const struct run *run)
{
    double given = run->search->options.certainty;
    if (given >= 0)
        return given;
    if (run->answers == 0)
        return CERTAINTY_FIRST;
    for (size_t i = 0; i < sizeof certainties / sizeof *certainties; i++) {
        if (run->quickest_ms < certainties[i].below_ms)
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

/* How many of `left` calls to ask at once, where `events` of probability p each make the rest
 * needless: one more as long as it will be needed with the probability `certain`. */
static size_t chunk(size_t events, size_t left, double p, double certain)
{
    const double slack = 1e-9; /* of the sums */
    size_t n = events < left ? events : left;
    while (n < left && at_least(events, n, p) <= 1 - certain + slack)
        n++;
    return n;
}

size_t sm_search_teach_next(const struct run *run, const struct scan *scan)
{
    const struct sm_search_options *options = &run->search->options;
    size_t wanted = scan->candidate.wanted, left = run->train.count - scan->asked;
    if (scan->correct >= wanted)
        return 0;
    if (options->speculate)
        return left;
    return chunk(wanted - scan->correct, left, share_right(run), certainty(run));
}

size_t sm_search_validate_next(const struct run *run, const struct scan *scan, size_t target)
{
    const struct sm_search_options *options = &run->search->options;
    size_t left = run->val.count - scan->asked, bound = sm_search_bound(run, scan);
    if (options->speculate)
        return left;
    if (bound < target)
        return 0;
    return chunk(bound - target + 1, left, 1 - share_right(run), certainty(run));
}

bool sm_search_swap_at_once(const struct run *run)
{
    const struct sm_search_options *options = &run->search->options;
    bool guessed = run->answers == 0 && options->certainty < 0;
    return options->speculate || (!guessed && share_right(run) >= certainty(run));
}

size_t sm_search_bound(const struct run *run, const struct scan *scan)
{
    if (scan->phase == PHASE_TEACH)
        return run->val.count;
    return run->val.count - (scan->answered - scan->correct);
}

bool sm_search_finished(const struct run *run, const struct scan *scan)
{
    return scan->phase != PHASE_TEACH && scan->answered == run->val.count;
}

static bool by_order(const struct run *run)
{
    return run->search->options.tie_break[0] == 'f';
}

/* A candidate that is right on every row ends the search as well, unless later ones may tie. */
size_t sm_search_enough(const struct run *run)
{
    size_t n = run->val.count, enough = 0, most = by_order(run) ? n : n + 1;
    while (enough < most && sm_search_score(enough, n) < run->search->options.stop_at)
        enough++;
    return enough;
}

size_t sm_search_rest(const struct run *run, const struct scan *scan)
{
    const struct sm_search_options *options = &run->search->options;
    long seed = run->first_seed + (long)(scan - run->scans);
    bool bootstraps = seed > SM_SEED_LABELS && options->max_bootstrapped != 0;
    size_t rows = run->val.count - scan->asked;
    if (scan->phase == PHASE_TEACH)
        rows = run->val.count + (bootstraps ? run->train.count - scan->asked : 0);
    return options->verify[0] == 'b' ? 2 * rows : rows;
}

bool sm_search_affordable(const struct run *run, const struct scan *scan)
{
    size_t calls = run->calls;
    if (run->search->options.budget == 0)
        return true;
    for (size_t i = 0; run->search->options.speculate && i < run->scan_count; i++)
        calls +=
            run->scans[i].run && scan != &run->scans[i] ? sm_search_rest(run, &run->scans[i]) : 0;
    return calls + sm_search_rest(run, scan) <= (size_t)run->search->options.budget;
}

/* Whether `scan` comes before `best` when none can end the search. */
static bool is_better(const struct run *run, const struct scan *scan, const struct scan *best)
{
    size_t bound = sm_search_bound(run, scan), least = sm_search_bound(run, best);
    if (bound != least || by_order(run))
        return bound > least;
    return sm_search_finished(run, best) && !sm_search_finished(run, scan);
}

size_t sm_search_front(const struct run *run, size_t *target)
{
    size_t enough = sm_search_enough(run), best = run->scan_count;
    for (size_t i = 0; i < run->scan_count; i++) {
        const struct scan *scan = &run->scans[i];
        if (!sm_search_affordable(run, scan))
            continue;
        *target = enough;
        if (sm_search_bound(run, scan) >= enough)
            return i;
        if (best == run->scan_count || is_better(run, scan, &run->scans[best]))
            best = i;
    }
    *target = sm_search_bound(run, &run->scans[best]);
    return best;
}
