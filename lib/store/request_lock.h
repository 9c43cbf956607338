/* Who is asking what: programs that share a store do not send the same request at the same time. A
 * claim is a lock on one byte, whose offset is the request's key, of an empty file beside the
 * store, made with the first claim: it costs no write, and the system releases it when its process
 * is gone. */
#ifndef SM_STORE_REQUEST_LOCK_H
#define SM_STORE_REQUEST_LOCK_H

#include <stdbool.h>

struct sm_request_locks;

/* `path` is the store's; NULL (a store in memory, which nobody shares) gives NULL. Then, and where
 * the file cannot be had, every claim is granted. */
struct sm_request_locks *sm_request_locks_open(const char *path);
void sm_request_locks_close(struct sm_request_locks *claims);

/* False: another process has the request `key` under way. */
bool sm_request_lock_take(struct sm_request_locks *claims, const char *key);

/* To be called when the answer, if there is one, is committed to the store. */
void sm_request_lock_drop(struct sm_request_locks *claims, const char *key);

#endif
