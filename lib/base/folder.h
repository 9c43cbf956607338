/* Folders of files that hold people's texts. */
#ifndef SM_BASE_FOLDER_H
#define SM_BASE_FOLDER_H

#include "lib/base/err.h"

#include <stdbool.h>

/* Makes the folders that `path` names before its last slash, for their owner alone; those that are
 * there stay as they are. */
bool sm_folder_make(const char *path, const char *remedy, struct sm_err *err);

#endif
