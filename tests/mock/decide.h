/* Answers that are a function of the request alone: the rules of --decide. */
#ifndef MOCK_DECIDE_H
#define MOCK_DECIDE_H

#include "tests/mock/call.h"

struct rule;

/* The rule of that name; dies if there is none. */
const struct rule *rule_named(const char *name);

/* The content of the reply, an object: a persona if the call asks for one, else a preference. It
 * asks for one if its schema has a property `persona` or, without a schema, its text "persona":.
 * `salt` varies the rules that hash. */
jv decide(const struct rule *rule, const char *salt, const struct call *call);

#endif
