/* The calls that wait to be sent, by age and by how they begin. Servers keep what they have read of
 * a prompt, so that a call behind one with the same beginning only costs its own end. */
#ifndef SM_LLM_INTERNAL_WAITING_H
#define SM_LLM_INTERNAL_WAITING_H

#include "lib/llm/internal/call.h"

/* What some calls begin with, and those of them that wait, oldest first. */
struct sm_prefix {
    char *text;
    size_t len;
    struct sm_call *first, **tail;
};

struct sm_waiting {
    struct sm_call *first, **tail; /* oldest first */
    size_t count;
    struct sm_prefix **prefixes; /* sorted by their bytes, so that the most alike are neighbors */
    size_t prefix_count, prefix_room;
    struct sm_prefix *last; /* of the last call sent, perhaps without waiting calls; or NULL */
};

void sm_waiting_init(struct sm_waiting *waiting);

/* Frees all waiting calls, too. */
void sm_waiting_release(struct sm_waiting *waiting);

/* Adds a call as the youngest. Its body and `prefix_len` must not change while it waits. */
void sm_waiting_add(struct sm_waiting *waiting, struct sm_call *call);
void sm_waiting_take(struct sm_waiting *waiting, struct sm_call *call);

/* A waiting call is about to be sent: others that begin like it follow. */
void sm_waiting_follow(struct sm_waiting *waiting, const struct sm_call *call);

/* The calls that begin most like the last one sent; NULL if none begin more like it than `call`. */
struct sm_prefix *sm_waiting_nearest(const struct sm_waiting *waiting, const struct sm_call *call);

#endif
