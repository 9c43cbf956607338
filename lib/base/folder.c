#include "lib/base/folder.h"

#include "lib/base/buf.h"
#include "lib/base/mem.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

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

static bool is_own(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid() &&
           (info.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

char *sm_folder_of_user(const char *runtime, const char *temp)
{
    struct sm_buf path = {0};
    if (runtime && is_own(runtime))
        return sm_strdup(runtime);
    sm_buf_printf(&path, "%s/synthesizeme-%lu", temp, (unsigned long)geteuid());
    if ((mkdir(path.data, 0700) == 0 || errno == EEXIST) && is_own(path.data))
        return sm_buf_take(&path);
    sm_buf_release(&path);
    return NULL;
}
