/* The traits of replies that the rule `planted` sees, and what tastes for them are called:
 * traits.inc. */
#ifndef MOCK_TRAITS_H
#define MOCK_TRAITS_H

#include <stdbool.h>
#include <stddef.h>

enum {
#define TRAIT(...) +1
    TRAITS = 0
#include "tests/mock/traits.inc"
#undef TRAIT
};

/* A reply's traits, the first one in the lowest bit. */
unsigned traits_of(const char *text, size_t len);

/* A taste for replies with the trait, or without it. */
const char *trait_phrase(size_t trait, bool with);

/* The end of "WORD PHRASE" in `text`, the first there is; NULL where there is none. */
const char *trait_named(const char *text, const char *word, size_t trait, bool with);

#endif
