/* Folders for files that hold people's texts. */
#ifndef SM_BASE_FOLDER_H
#define SM_BASE_FOLDER_H

#include "lib/base/err.h"

#include <stdbool.h>

/* Makes the missing folders of `path`, up to its last slash, accessible to the owner alone.
 * Existing ones stay as they are. */
bool sm_folder_make(const char *path, const char *remedy, struct sm_err *err);

/* A folder that only this user can enter, for the caller to free: `runtime`, if it is that (NULL:
 * it is not), else one below `temp`, which is made. NULL if another user has taken its name. */
char *sm_folder_of_user(const char *runtime, const char *temp);

#endif
