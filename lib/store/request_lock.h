/* Request locks: programs that share a store do not send the same request at the same time, and the
 * programs of a pipe have only so many places for requests in flight. A lock covers one byte of an
 * empty file beside the store; a request's offset is its key, those of a pipe's places lie above
 * all keys. The first one creates the file. A lock costs no write, and the system releases it when
 * its process ends.
 *
 * A store on a server has the locks of requests itself, and releases them when the connection ends.
 * The places are those of a file of this machine then too. */
#ifndef SM_STORE_REQUEST_LOCK_H
#define SM_STORE_REQUEST_LOCK_H

#include "lib/base/buf.h"
#include "lib/store/store.h"

#include <stdbool.h>
#include <stdint.h>

struct sm_request_locks;

#define SM_PLACES_MAX 4096

/* Borrows the store. NULL for one in memory, that nobody shares. Then, and if the file cannot be
 * opened, every lock is granted. Programs with the same `pipe`, from 0 to 2^40, share places. */
struct sm_request_locks *sm_request_locks_open(struct sm_store *store, int64_t pipe);
void sm_request_locks_close(struct sm_request_locks *locks);

/* Whether sm_request_lock_take() need not ask a server; and asking it for several at once: of these
 * requests, in this order, at most `most` are locked. sm_request_lock_take() then knows each that
 * was tried or has an answer, and sm_store_get() what is recorded for it. */
bool sm_request_lock_is_known(const struct sm_request_locks *locks, const char *key);
void sm_request_locks_ahead(struct sm_request_locks *locks, const char *const *keys, size_t count,
                            size_t most);

/* False if another process has the request `key` under way, or the server is away. */
bool sm_request_lock_take(struct sm_request_locks *locks, const char *key);

/* Appends which process has it under way, as in "process 123". False if none has, or the system
 * does not say. */
bool sm_request_lock_holder(struct sm_request_locks *locks, const char *key, struct sm_buf *who);

/* Call it once the answer, if there is one, is committed to the store. */
void sm_request_lock_drop(struct sm_request_locks *locks, const char *key);

/* A free one of the first `count` places, of at most SM_PLACES_MAX; -1 if there is none. */
int sm_place_take(struct sm_request_locks *locks, int count);
void sm_place_drop(struct sm_request_locks *locks, int place);

/* Whether another program of the pipe has a place. */
bool sm_place_is_taken(struct sm_request_locks *locks);

/* Tells the other programs of the pipe that this one has something to send, and not one place; or
 * that this is over. And whether another one says so. */
void sm_place_want(struct sm_request_locks *locks, bool want);
bool sm_place_is_wanted(struct sm_request_locks *locks);

#endif
