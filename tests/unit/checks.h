/* What the programs here share that need no vectors: each names on stderr what is wrong, and ends
 * with 1 if anything is. */
#ifndef CHECKS_H
#define CHECKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct checks {
    size_t failed;
};

/* `wrong` says what it means that `is` is false. */
static inline void check(struct checks *checks, bool is, const char *wrong)
{
    if (!is)
        fprintf(stderr, "%s\n", wrong);
    checks->failed += !is;
}

#endif
