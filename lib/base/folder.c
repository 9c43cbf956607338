#include "lib/base/folder.h"

#include "lib/base/mem.h"

#include <errno.h>
#include <sys/stat.h>

bool sm_folder_make(const char *path, const char *remedy, struct sm_err *err)
{
    char *folder = sm_strdup(path);
    bool ok = true;
    for (char *p = *folder ? folder + 1 : folder; ok && (p = strchr(p, '/')); p++) {
        *p = '\0';
        if (mkdir(folder, 0700) != 0 && errno != EEXIST)
            ok = sm_err_set(err, SM_EXIT_INPUT, remedy, "cannot make folder %s: %s", folder,
                            strerror(errno));
        *p = '/';
    }
    free(folder);
    return ok;
}
