#include "lib/base/owner.h"

#include "lib/base/buf.h"
#include "lib/base/mem.h"

#include <unistd.h>

bool sm_owner_is_trusted(uid_t owner)
{
    return owner == geteuid() || owner == 0;
}

static bool fail(const char *name, const char *wrong, const char *command, int code,
                 struct sm_err *err)
{
    struct sm_buf remedy = {0};
    sm_buf_printf(&remedy, "if you trust what is in it: %s %s", command, name);
    sm_err_set(err, code, remedy.data, "%s %s", name, wrong);
    sm_buf_release(&remedy);
    return false;
}

bool sm_owner_check(const struct stat *file, const char *name, int code, struct sm_err *err)
{
    char wrong[80], command[48];
    if (!sm_owner_is_trusted(file->st_uid)) {
        snprintf(wrong, sizeof wrong, "belongs to another user (%lu), who may change it",
                 (unsigned long)file->st_uid);
        snprintf(command, sizeof command, "chown %lu", (unsigned long)geteuid());
        return fail(name, wrong, command, code, err);
    }
    if (!S_ISLNK(file->st_mode) && (file->st_mode & (S_IWGRP | S_IWOTH)))
        return fail(name, "can be changed by other users: it is writable by more than its owner",
                    "chmod go-w", code, err);
    return true;
}
