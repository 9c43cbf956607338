/* A damaged store is moved out of the way, so that nothing of it is read and a new one can begin;
 * of no use outside store.c. */
#ifndef SM_STORE_ASIDE_H
#define SM_STORE_ASIDE_H

#include "buf.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether the file begins as a store does, an SQLite database with that application id: anything
 * else is not ours to move. True when there is no file: another program has moved it. */
bool sm_store_was_ours(const char *path, uint32_t application_id);

/* Renames the file and SQLite's companions to PATH.damaged-YYYYMMDD-HHMMSS and appends that name to
 * `where`; appends nothing when another program has done it meanwhile. False: it cannot be renamed
 * (errno). */
bool sm_store_set_aside(const char *path, uint32_t application_id, struct sm_buf *where);

#endif
