#include "lib/eval/multiplicity.h"

#include "lib/base/mem.h"

#include <math.h>
#include <stdlib.h>

static int by_p(const void *left, const void *right)
{
    double a = **(double *const *)left, b = **(double *const *)right;
    return (a > b) - (a < b);
}

/* The values that are there, the least first. The caller frees the list. */
static double **sort_p(double *p, size_t n, size_t *count)
{
    double **sorted = sm_alloc(n, sizeof *sorted);
    *count = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(p[i]))
            sorted[(*count)++] = &p[i];
    }
    qsort(sorted, *count, sizeof *sorted, by_p);
    return sorted;
}

void sm_holm_adjust(double *p, size_t n)
{
    size_t count;
    double least = 0, **sorted = sort_p(p, n, &count);
    for (size_t i = 0; i < count; i++)
        *sorted[i] = least = fmax(least, fmin(1, (double)(count - i) * *sorted[i]));
    free(sorted);
}
