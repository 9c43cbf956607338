/* Members of JSON objects. The object is borrowed, and may be another value, which has none. */
#ifndef MOCK_JSON_H
#define MOCK_JSON_H

#include <jv.h>
#include <stdbool.h>

bool has_member(jv object, const char *name);

/* The member, to be freed, or `missing`; that is consumed. */
jv member_or(jv object, const char *name, jv missing);

/* The same of a number; `missing` where it is none. */
double number_or(jv object, const char *name, double missing);

/* Whether it is true; `missing` where there is none. */
bool flag_or(jv object, const char *name, bool missing);

/* A text, borrowed; NULL where it is none. */
const char *text_of(jv object, const char *name);

#endif
