#include "lib/base/near.h"

#include <string.h>

#define LETTERS_MAX 40 /* longer words are near to nothing */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* By rows of the usual table: `row[0]` is the current one, above it the two before. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t row[3][LETTERS_MAX + 1];
    for (size_t k = 0; k <= b_len; k++)
        row[0][k] = k;
    for (size_t i = 1; i <= a_len; i++) {
        memcpy(row[2], row[1], sizeof row[1]);
        memcpy(row[1], row[0], sizeof row[0]);
        row[0][0] = i;
        for (size_t k = 1; k <= b_len; k++) {
            size_t n = row[1][k - 1] + (a[i - 1] != b[k - 1]);
            n = least(n, least(row[1][k], row[0][k - 1]) + 1);
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
                n = least(n, row[2][k - 2] + 1);
            row[0][k] = n;
        }
    }
    return row[0][b_len];
}

void sm_near_try(struct sm_near *near, const char *name)
{
    size_t len = strlen(name);
    if (len > LETTERS_MAX || near->len > LETTERS_MAX)
        return;
    size_t n = distance(near->word, near->len, name, len);
    size_t longer = len > near->len ? len : near->len;
    if (n * 3 > longer || (near->best && n >= near->distance))
        return;
    near->best = name;
    near->distance = n;
}
