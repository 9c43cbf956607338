/* Who else may change a file that a program believes: a store, a key, a setting. */
#ifndef SM_BASE_OWNER_H
#define SM_BASE_OWNER_H

#include "lib/base/err.h"

#include <sys/stat.h>

/* True if only oneself and root can change the file. False with `err`, which names the file, what
 * is wrong ("belongs to user 1001", "can be written by others") and the remedy, chown or chmod.
 * `code` is an enum sm_exit. The bits of a symbolic link say nothing, only its owner counts. */
bool sm_owner_check(const struct stat *file, const char *name, int code, struct sm_err *err);

/* Whether an owner is oneself or root. */
bool sm_owner_is_trusted(uid_t owner);

#endif
