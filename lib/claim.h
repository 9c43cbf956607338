/* Who is asking what: programs that share a store do not send the same request at the same time. A
 * claim is a lock on one byte, whose offset is the request's key, of an empty file beside the
 * store: it costs no write, and the system releases it when its process is gone. */
#ifndef SM_CLAIM_H
#define SM_CLAIM_H

#include <stdbool.h>

struct sm_claims;

/* `path` is the store's; NULL (a store in memory, which nobody shares), or a file that cannot be
 * had, give NULL: then every claim is granted. */
struct sm_claims *sm_claims_open(const char *path);
void sm_claims_close(struct sm_claims *claims);

/* False: another process has the request `key` under way. */
bool sm_claim_take(struct sm_claims *claims, const char *key);

/* To be called when the answer, if there is one, is committed to the store. */
void sm_claim_drop(struct sm_claims *claims, const char *key);

#endif
