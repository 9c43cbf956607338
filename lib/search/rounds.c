#include "lib/search/rounds.h"

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

double sm_rounds_right(const struct sm_rounds *rounds)
{
    return (PRIOR_RIGHT + (double)rounds->right) / (PRIOR_ANSWERS + (double)rounds->answers);
}

void sm_rounds_answered(struct sm_rounds *rounds, bool right, double ms)
{
    rounds->answers++;
    rounds->right += right;
    if (ms < rounds->quickest_ms)
        rounds->quickest_ms = ms;
}

/* The quickest answer shows how long the endpoint takes: others may have waited for a place, or
 * been repeated. */
double sm_rounds_certainty(const struct sm_rounds *rounds)
{
    if (rounds->certainty >= 0)
        return rounds->certainty;
    if (rounds->answers == 0)
        return CERTAINTY_FIRST;
    for (size_t i = 0; i < sizeof certainties / sizeof *certainties; i++) {
        if (rounds->quickest_ms < certainties[i].below_ms)
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

size_t sm_rounds_chunk(const struct sm_rounds *rounds, size_t events, size_t left, double p)
{
    const double slack = 1e-9; /* for rounding in the sums */
    double certain = sm_rounds_certainty(rounds);
    size_t n = events < left ? events : left;
    while (n < left && at_least(events, n, p) <= 1 - certain + slack)
        n++;
    return n;
}
