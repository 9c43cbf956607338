/* How deep in brackets and strings a text of JSON is, piece by piece. Nothing is checked: a parser
 * will see whether the brackets match. */
#ifndef SM_DATA_INTERNAL_NESTING_H
#define SM_DATA_INTERNAL_NESTING_H

#include <stdbool.h>
#include <stddef.h>

#define SM_NESTING_KNOWN 512 /* of deeper brackets only the number is known */

struct sm_nesting {
    bool string, escaped;
    size_t depth;
    char last; /* the last byte outside of strings that is no white space; '"' behind a string */
    char open[SM_NESTING_KNOWN]; /* the brackets around */
};

/* Goes through the text. With `stop` it ends before a comma or a closing bracket outside of all
 * brackets. Returns how many bytes it went through. */
size_t sm_nesting_scan(struct sm_nesting *nesting, const char *text, size_t len, bool stop);

/* Whether the text is inside of brackets or of a string. */
bool sm_nesting_inside(const struct sm_nesting *nesting);

/* Whether an object may come next: as an item or as a member's value, not where a name or a comma
 * must come. */
bool sm_nesting_takes_object(const struct sm_nesting *nesting);

#endif
