#include "lib/eval/discoveries.h"

#include "lib/base/mem.h"

#include <math.h>

struct ranked {
    double p;
    size_t at;
};

static int by_p(const void *left, const void *right)
{
    double a = ((const struct ranked *)left)->p, b = ((const struct ranked *)right)->p;
    return (a > b) - (a < b);
}

void sm_bh_adjust(double *p, size_t n)
{
    struct ranked *order = sm_alloc(n + 1, sizeof *order);
    size_t tests = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(p[i]))
            order[tests++] = (struct ranked){p[i], i};
    qsort(order, tests, sizeof *order, by_p);
    double least = 1;
    for (size_t rank = tests; rank > 0; rank--) {
        least = fmin(least, order[rank - 1].p * (double)tests / (double)rank);
        p[order[rank - 1].at] = least;
    }
    free(order);
}

/* Twice the chance of `n`, `n` - 1 … wins is added up until it exceeds the level; by logarithms, as
 * that of all of many is too small for a double. */
size_t sm_sign_least(size_t n, double level)
{
    double chance = (1 - (double)n) * log(2), sum = exp(chance);
    size_t wins = n;
    if (n == 0 || sum > level)
        return 0;
    while (2 * (wins - 1) > n) {
        chance += log((double)wins / (double)(n - wins + 1));
        sum += exp(chance);
        if (sum > level)
            break;
        wins--;
    }
    return wins;
}
