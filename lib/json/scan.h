/* Some members of an object, had without a parse: the text is checked as strictly as a parser
 * would, but nothing is built of it. Ten times as fast as libjq, for streams of which little is
 * needed. */
#ifndef SM_JSON_SCAN_H
#define SM_JSON_SCAN_H

#include "lib/base/err.h"
#include "lib/json/raw.h"

/* A member that is looked for. */
struct sm_member_name {
    const char *text;
    size_t len;
};
#define SM_MEMBER_NAME(literal)                                                                    \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

/* Finds the members `names` of the object that `text` is: found[i] is the last one called names[i],
 * its `value` NULL if there is none. It is quickest when names come in the text's order.
 *
 * Values are bytes of `text`; where that is more than JSON to the letter, libjq parses it, and they
 * are bytes of `spare`, which is overwritten, and *literal is false. False if libjq does not take
 * it, or it is no object: `err` says why. */
bool sm_scan_object(const char *text, size_t len, const struct sm_member_name *names, size_t count,
                    struct sm_raw *found, struct sm_buf *spare, bool *literal, struct sm_err *err);

/* The same for a value that sm_scan_object() has found, which is an object. */
void sm_scan_nested(const struct sm_raw *object, const struct sm_member_name *names, size_t count,
                    struct sm_raw *found);

#endif
