/* The users of an input, finished one after another as their lines end, and then taken in the order
 * of their names: so no figure depends on the order in which users came. */
#ifndef CMD_EVAL_USERS_H
#define CMD_EVAL_USERS_H

#include "cmd/eval/figures.h"

/* A user whose lines have ended. */
struct finished {
    struct sm_tally tally;
    struct estimates figures;
    struct taught taught;
};

/* Keeps user number `user` of judged->users, in a temporary file. */
void eval_users_put(struct eval *e, struct judged *judged, size_t user,
                    const struct finished *finished);

/* Sorts all users: judged->order has their numbers by name, byte by byte. */
void eval_users_sort(struct judged *judged);

/* False, reported, if the file cannot be read. */
bool eval_users_get(struct eval *e, struct judged *judged, size_t user, struct finished *finished);

void eval_users_release(struct judged *judged);

#endif
