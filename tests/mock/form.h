/* Answers of the rule `planted` in the form that a request asks for. */
#ifndef MOCK_FORM_H
#define MOCK_FORM_H

#include "tests/mock/call.h"

/* What there is to say, of which the form takes what it has a place for. Owned by who made it. */
struct said {
    jv reasoning, preference, persona; /* texts */
    jv changed; /* a text: how the persona differs from what the request states */
    /* A list of {criterion, weight, first, second}: what the criterion is called, how much it
     * counts, and how far each reply meets it. */
    jv criteria;
};

/* The schema of the request's response_format. Without one, that of an object with `reasoning`
 * and the first of persona, criteria and scores that stands in the request as "name":, else
 * preference. */
jv form_asked(const struct call *call);

/* Whether the form, which is borrowed, has the member. */
bool form_has(jv schema, const char *name);

/* The object in that form. Members are filled by their names or else by their types: a list has an
 * item a criterion, a text in it is the criterion's name, a number its weight, or how far the first
 * or the second reply meets it if it is called so, or their difference if it is called score. */
jv form_fill(jv schema, const struct said *said);

#endif
