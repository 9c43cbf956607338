/* Personas tried on choices that a user has made: how many of them does each predict? */
#ifndef CMD_NEIGHBORS_TRYOUT_H
#define CMD_NEIGHBORS_TRYOUT_H

#include "cmd/common/judging.h"

#include <jv.h>

/* One persona. Set `judge` by tryout_judge(); the rest is the result. */
struct tried {
    struct judge judge;
    double prior, hit, miss; /* its score is `prior` and `hit` for each choice that it predicts,
                                `miss` for each other one; by itself the number of the former */
    size_t correct, n;
    bool dropped; /* cannot come among the best any more: not asked on */
    /* private */
    struct tryout *tryout;
    struct judgment judgment;
};

/* Of one user. `arg`, `done`, `best`, `user` and `judging` are the caller's to set. */
struct tryout {
    const struct judging *judging; /* borrowed */
    struct sm_user *user;          /* borrowed */
    size_t best;                   /* how many of the personas are wanted */
    void (*done)(struct tryout *tryout);
    void *arg;
    struct tried *tried; /* owned; of two that are as good the first one is better */
    size_t count;
    /* results: `why` is filled if some question failed, `waiting` is how many have no answer yet */
    struct sm_err why;
    unsigned attempts; /* of what failed */
    size_t waiting;
    struct sm_usage usage;
    double ms;
    const struct choice {
        const struct sm_pair *pair;
        bool chosen_first;           /* as shown */
    } * choices;                     /* owned */
    size_t choice_count, pair_count; /* questions, and the pairs that they are about: the first */
    /* private */
    size_t round, under_way;
};

/* Whether a user has chosen there, and it is not held out. */
bool tryout_is_known(const struct sm_pair *pair);

/* Makes at most `most` questions of the user's known choices, which are taken by a digest of the
 * user and their indices: each in one order, half of them with the chosen reply first, and where
 * that leaves some, in the other order too. */
void tryout_choose(struct tryout *tryout, size_t most);

/* Adds a persona, with the list `demos` of a record of its user, or an invalid jv; both are
 * borrowed. False with `err` if the prompt program fails. */
bool tryout_judge(struct tryout *tryout, const char *persona, jv demos, struct sm_err *err);

/* Asks: in rounds, each choice put to all personas that may still be among the best. Calls done()
 * in the end, from here or from a later turn. */
void tryout_begin(struct tryout *tryout);
void tryout_release(struct tryout *tryout);

/* The score of what is answered. */
double tryout_score(const struct tried *tried);

/* In a dry run: what a tryout may still take, or takes that cannot begin yet, if `personas` of as
 * many bytes are tried on `choices`. */
void tryout_plan(const struct judging *judging, const struct sm_user *user, size_t personas,
                 size_t best, size_t choices, int64_t bytes, struct sm_plan *plan);

#endif
