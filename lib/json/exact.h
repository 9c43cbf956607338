/* JSON that every parser reads differently, made JSON that all read the same. */
#ifndef SM_JSON_EXACT_H
#define SM_JSON_EXACT_H

#include "lib/base/buf.h"

#include <stddef.h>

enum sm_exact {
    SM_EXACT_INTEGERS = 1,   /* integers of 16 digits or more: doubles may round them */
    SM_EXACT_NO_NUMBERS = 2, /* NaN, Infinity, and numbers that no double can hold */
    SM_EXACT_SURROGATES = 4, /* halves of characters beyond U+FFFF, as escapes without the other */
};

/* Looks for such values anywhere in `text`, which need not be valid. If there are any, replaces
 * what `out` holds by the text with the numbers as strings of what was written and U+FFFD for the
 * halves, and returns which there were; else returns 0. */
unsigned sm_json_exact(const char *text, size_t len, struct sm_buf *out);

#endif
