/* JSON as servers and models write it: what is nearly JSON becomes strict JSON on one line, and
 * objects are found in prose. Linear in the length of the text. */
#ifndef SM_JSON_TIDY_H
#define SM_JSON_TIDY_H

#include "lib/base/buf.h"

#include <jv.h>
#include <stddef.h>

/* Reads the value at the beginning of `text`, without white space before it, and appends it without
 * any between its tokens: every parser reads it, and reads the same. In strings, line ends and
 * other control characters are escaped, a backslash that begins no escape is doubled, and a NUL,
 * written as one or as \u0000, a lone surrogate or a byte that is not UTF-8 becomes U+FFFD. NaN,
 * Infinity and -Infinity become null, and a comma before a closing bracket goes.
 *
 * Returns how many bytes the value takes. 0, with `out` as it was: it is not even nearly JSON, is
 * not whole, or is nested deeper than sm_json_parse() takes. */
size_t sm_json_tidy(const char *text, size_t len, struct sm_buf *out);

/* The objects that stand in a text, whatever is around them: whole, outermost, not empty and at
 * most 16 levels deep, the last `max` of them (at most 64) in their order. The caller owns the
 * list. */
jv sm_json_objects(const char *text, size_t len, size_t max);

#endif
