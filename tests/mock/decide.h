/* What the mock answers: a function of the request alone. */
#ifndef DECIDE_H
#define DECIDE_H

#include <jv.h>

enum decision {
    DECIDE_NONE,
    DECIDE_GOLDEN,
    DECIDE_LONGER,
    DECIDE_SHORTER,
    DECIDE_FIRST,
    DECIDE_DIGEST
};

/* The decision of that name, DECIDE_NONE if there is none. */
enum decision decision_named(const char *name);

/* The reply's content for a request body (borrowed), to be freed by the caller. A request whose
 * schema has a property `persona`, or that has no schema and asks for "persona": in its first
 * message, gets a persona, any other one a preference. `salt` is the golden function's. */
char *decide(enum decision decision, const char *salt, jv body);

/* All message contents one after another, to be freed by the caller; `last_only`: the last alone.
 */
char *contents_of(jv body, int last_only);

#endif
