/* What a request tells of a user's tastes, to the rule `planted`: what it states of them in words,
 * and what the choices in it show. */
#ifndef MOCK_EVIDENCE_H
#define MOCK_EVIDENCE_H

#include "tests/mock/traits.h"

/* A text that is borrowed: of a reply, for one. */
struct span {
    const char *at;
    size_t len;
};

/* What stands between <tag> and </tag>, the first that begins at `text` or behind it, without the
 * line ends around it; .at is NULL where there is none. */
struct span evidence_tagged(const char *text, const char *tag);

/* By trait: how many choices more went to the reply with it than to the one without it. A reason
 * that names the trait of the chosen reply is a choice more. */
struct evidence {
    double net[TRAITS];
    size_t choices;
};

/* Adds the choices in `text`, up to `end`: <chosen> and <rejected>, or <first> and <second> with
 * the word First or Second behind them before the next conversation. */
void evidence_add(struct evidence *evidence, const char *text, const char *end);

/* A taste that is stated. */
struct stated {
    size_t trait;
    bool with;
    double weight;  /* the number behind `weight` where it says one; else 1, 1/2, 1/4, ... */
    const char *at; /* where it is stated */
};

/* The tastes that "likes PHRASE" states in the text, in their order. Gives their number. */
size_t evidence_stated(const char *text, struct stated tastes[2 * TRAITS]);

#endif
