/* Folders for files that hold people's texts. */
#ifndef SM_BASE_FOLDER_H
#define SM_BASE_FOLDER_H

#include "lib/base/err.h"

#include <stdbool.h>

/* Makes the missing folders of `path`, up to its last slash, accessible to the owner alone.
 * Existing ones stay as they are. */
bool sm_folder_make(const char *path, const char *remedy, struct sm_err *err);

#endif
