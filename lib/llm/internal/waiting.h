/* The calls that wait to be sent, by age and by how they begin: servers keep what they have read of
 * a prompt, and a call that follows one with the same beginning costs them only its own end. */
#ifndef SM_LLM_INTERNAL_WAITING_H
#define SM_LLM_INTERNAL_WAITING_H

#include "lib/llm/internal/call.h"

/* What calls begin with, and those of them that wait, the oldest first. */
struct sm_prefix {
    char *text;
    size_t len;
    struct sm_call *first, **tail;
};

struct sm_waiting {
    struct sm_call *first, **tail; /* the oldest first */
    size_t count;
    struct sm_prefix **prefixes; /* in the order of their bytes: beside each the most alike */
    size_t prefix_count, prefix_room;
    struct sm_prefix *last; /* of the call that was sent last, which may have no others; or NULL */
};

void sm_waiting_init(struct sm_waiting *waiting);

/* Frees all calls that are in it, too. */
void sm_waiting_release(struct sm_waiting *waiting);

/* Adds a call as the youngest. Its body and `prefix_len` stay as they are while it waits. */
void sm_waiting_add(struct sm_waiting *waiting, struct sm_call *call);
void sm_waiting_take(struct sm_waiting *waiting, struct sm_call *call);

/* One that waits is about to be sent: others follow it. */
void sm_waiting_follow(struct sm_waiting *waiting, const struct sm_call *call);

/* The calls that begin most like the one that was sent last; NULL: `call` does no less. */
struct sm_prefix *sm_waiting_nearest(const struct sm_waiting *waiting, const struct sm_call *call);

#endif
