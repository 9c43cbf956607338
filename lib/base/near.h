/* "Did you mean": of several names the one that a mistyped word is nearest to. */
#ifndef SM_BASE_NEAR_H
#define SM_BASE_NEAR_H

#include <stddef.h>

/* `best` is the nearest name so far, borrowed; NULL if none is near enough. Begin with `word` and
 * `len` alone set. */
struct sm_near {
    const char *word;
    size_t len;
    const char *best;
    size_t distance; /* letters left out, added, replaced or swapped with their neighbor */
};

/* Looks at one more name. Near enough are those that differ in at most a third of the letters; of
 * equals the first stays. */
void sm_near_try(struct sm_near *near, const char *name);

#endif
