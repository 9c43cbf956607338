/* Request locks: programs that share a store do not send the same request at the same time. A lock
 * covers one byte, whose offset is the request's key, of an empty file beside the store. The first
 * one creates the file. A lock costs no write, and the system releases it when its process ends. */
#ifndef SM_STORE_REQUEST_LOCK_H
#define SM_STORE_REQUEST_LOCK_H

#include <stdbool.h>

struct sm_request_locks;

/* `path` is the store's. NULL, for a store in memory that nobody shares, gives NULL. Then, and if
 * the file cannot be opened, every lock is granted. */
struct sm_request_locks *sm_request_locks_open(const char *path);
void sm_request_locks_close(struct sm_request_locks *locks);

/* False if another process has the request `key` under way. */
bool sm_request_lock_take(struct sm_request_locks *locks, const char *key);

/* Call it once the answer, if there is one, is committed to the store. */
void sm_request_lock_drop(struct sm_request_locks *locks, const char *key);

#endif
