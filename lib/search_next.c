/* Which calls of a search come next: the frontier, and how far ahead of certainty it goes. */
#include "search_run.h"

#include <math.h>

/* A judge is taken to be right three times in four until this user's answers tell more. */
#define PRIOR_RIGHT 3.0
#define PRIOR_ANSWERS 4.0

static double share_right(const struct run *run)
{
    return (PRIOR_RIGHT + (double)run->right) / (PRIOR_ANSWERS + (double)run->answers);
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
 * needless: one more as long as it will be needed with the probability `certainty`. */
static size_t chunk(size_t events, size_t left, double p, double certainty)
{
    const double slack = 1e-9; /* of the sums */
    size_t n = events < left ? events : left;
    while (n < left && at_least(events, n, p) <= 1 - certainty + slack)
        n++;
    return n;
}

size_t sm_search_teach_next(const struct run *run, const struct scan *scan)
{
    size_t wanted = scan->candidate.wanted, left = run->train.count - scan->asked;
    if (scan->correct >= wanted)
        return 0;
    if (run->options->speculate)
        return left;
    return chunk(wanted - scan->correct, left, share_right(run), run->options->certainty);
}

size_t sm_search_validate_next(const struct run *run, const struct scan *scan, size_t target)
{
    size_t left = run->val.count - scan->asked, bound = sm_search_bound(run, scan);
    if (run->options->speculate)
        return left;
    if (bound < target)
        return 0;
    return chunk(bound - target + 1, left, 1 - share_right(run), run->options->certainty);
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

size_t sm_search_enough(const struct run *run)
{
    size_t n = run->val.count, enough = 0;
    while (enough < n && sm_search_score(enough, n) < run->options->stop_at)
        enough++;
    return enough;
}

size_t sm_search_front(const struct run *run, size_t *target)
{
    size_t enough = sm_search_enough(run), best = 0;
    for (size_t i = 0; i < run->scan_count; i++) {
        size_t bound = sm_search_bound(run, &run->scans[i]);
        *target = enough;
        if (bound >= enough)
            return i;
        if (bound > sm_search_bound(run, &run->scans[best]))
            best = i;
    }
    *target = sm_search_bound(run, &run->scans[best]);
    return best;
}
