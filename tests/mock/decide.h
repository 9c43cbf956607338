/* Answers that are a function of the request alone: the rules of --decide. */
#ifndef MOCK_DECIDE_H
#define MOCK_DECIDE_H

#include "tests/mock/call.h"

struct rule;
struct planted;

/* The rule of that name, to which options may belong; dies if there is none. For the life of the
 * process; the salt, which varies the rules that hash, is borrowed. */
const struct rule *rule_named(const char *name, const char *salt);

/* What it has to say of likelihoods; NULL: nothing. */
const struct planted *rule_planted(const struct rule *rule);

/* The content of the reply, an object: a persona if the call asks for one, else a preference. It
 * asks for one if its schema has a property `persona` or, without a schema, its text "persona":.
 * Of the rule `planted` a list of contents, one for each reply that is asked for. */
jv decide(const struct rule *rule, const struct call *call);

#endif
