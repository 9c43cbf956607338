#include "lib/base/owner.h"

#include "lib/base/buf.h"
#include "lib/base/mem.h"

#include <unistd.h>

bool sm_owner_is_trusted(uid_t owner)
{
    return owner == geteuid() || owner == 0;
}

bool sm_owner_check(const struct stat *file, const char *name, int code, struct sm_err *err)
{
    struct sm_buf remedy = {0};
    bool has_bits = !S_ISLNK(file->st_mode) && !S_ISCHR(file->st_mode);
    if (!sm_owner_is_trusted(file->st_uid))
        return sm_err_set(err, code,
                          "if you trust what is in it, put a copy of your own in its place",
                          "%s belongs to another user (%lu), who may change it", name,
                          (unsigned long)file->st_uid);
    if (!has_bits || !(file->st_mode & (S_IWGRP | S_IWOTH)))
        return true;
    sm_buf_printf(&remedy, "if you trust what is in it: chmod go-w %s", name);
    sm_err_set(err, code, remedy.data,
               "%s can be changed by other users: not its owner alone may write it", name);
    sm_buf_release(&remedy);
    return false;
}
