/* Bundles: chats that differ in the number of their sample alone are one request with `n`, and
 * posts with `divide` one with all their items. The first of them is sent; the others are with it.
 */
#ifndef SM_LLM_INTERNAL_BUNDLE_H
#define SM_LLM_INTERNAL_BUNDLE_H

#include "lib/llm/internal/call.h"

#define SM_BUNDLE_MAX 32

/* Whether the call may be one of several; and whether another one, which waits too, asks the same.
 */
bool sm_bundle_may(const struct sm_call *call);
bool sm_bundle_fits(const struct sm_call *call, const struct sm_call *other);

void sm_bundle_add(struct sm_call *call, struct sm_call *other);

/* Takes one of the others out; NULL if there is none. */
struct sm_call *sm_bundle_take(struct sm_call *call);

/* Writes the request that asks for all: call->bundled. */
void sm_bundle_write(struct sm_call *call);

/* Gives each its choice of the answer that call->response holds, and its share of the tokens: the
 * prompt is the first one's. Returns how many have one, the call included. The others have none:
 * the endpoint gave fewer choices. */
size_t sm_bundle_divide(struct sm_call *call);

#endif
