/* The files of a store on the disk: that nobody else can change them, and who holds them up. */
#ifndef SM_STORE_INTERNAL_FILES_H
#define SM_STORE_INTERNAL_FILES_H

#include "lib/store/store.h"

#include <sys/stat.h>

#define SM_CLAIMS_SUFFIX "-claims" /* of the file of request locks */

/* Creates the store's file for its owner alone (SM_STORE_CREATE), or checks that it is there. False
 * with `err` also if it is a link, or it or one of its companions (SQLite's, and the claims) can be
 * changed by another user. A file of claims that others can read gives way to a new one, since they
 * could lock it for ever. Call it under the lock. */
bool sm_store_find_files(const char *path, enum sm_store_use use, struct sm_err *err);

/* The path for SQLite, in which no folder is a link, for the caller to free. */
char *sm_store_real_path(const char *path);

/* Locks out every other program that opens or moves a store in this folder, until the returned
 * descriptor is closed. -1 if the folder cannot be opened or locked at all; -1 with `err` if
 * another program holds the lock for too long. */
int sm_store_lock(const char *path, struct sm_err *err);

/* A process that holds a lock on the file, other than this one; 0 if the system does not say. */
long sm_lock_holder(const struct stat *file);

/* " (held by process 1234)" for a message, or "". */
const char *sm_lock_holder_text(long holder, char text[48]);

#endif
