/* Moving a damaged store out of the way: nothing of it is read, and a new one can begin. */
#ifndef SM_STORE_INTERNAL_DAMAGED_H
#define SM_STORE_INTERNAL_DAMAGED_H

#include "lib/base/buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* Whether the file begins like a store, an SQLite database with that application id: anything else
 * is not ours to move. True if there is no file: another program has moved it. */
bool sm_store_was_ours(const char *path, uint32_t application_id);

/* Renames the file and SQLite's companions to PATH.damaged-YYYYMMDD-HHMMSS, the local time of
 * `now_s` (with -2, -3, … behind it if that is taken), and appends that name to `where`. Appends
 * nothing if the file is no longer `damaged`, because another program has moved it. Call it under
 * the lock. False if the file cannot be renamed (errno) or is not a store. */
bool sm_store_set_aside(const char *path, uint32_t application_id, const struct stat *damaged,
                        int64_t now_s, struct sm_buf *where);

#endif
