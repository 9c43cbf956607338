/* A damaged store is moved out of the way, so that nothing of it is read and a new one can begin;
 * of no use outside store.c. */
#ifndef SM_STORE_INTERNAL_DAMAGED_H
#define SM_STORE_INTERNAL_DAMAGED_H

#include "lib/base/buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* Whether the file begins as a store does, an SQLite database with that application id: anything
 * else is not ours to move. True when there is no file: another program has moved it. */
bool sm_store_was_ours(const char *path, uint32_t application_id);

/* Holds off every other program that opens or moves a store in this folder, until the descriptor
 * that it returns is closed; -1 where that cannot be had. */
int sm_store_lock(const char *path);

/* Renames the file and SQLite's companions to PATH.damaged-YYYYMMDD-HHMMSS, the local time of
 * `now_s`, and appends that name to
 * `where`; appends nothing when it is not the `damaged` file any more, because another program has
 * moved it. Under the lock. False: it cannot be renamed (errno), or is no store. */
bool sm_store_set_aside(const char *path, uint32_t application_id, const struct stat *damaged,
                        int64_t now_s, struct sm_buf *where);

#endif
