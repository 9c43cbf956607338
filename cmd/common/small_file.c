#include "cmd/common/small_file.h"

#include "lib/base/file.h"
#include "lib/base/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define MAX_BYTES ((size_t)1 << 20)

static bool fail(const char *name, const struct small_file_kind *kind, int why, struct sm_err *err)
{
    return sm_err_set(err, kind->code, kind->remedy, "%s: %s", name, strerror(why));
}

static bool read_text(int fd, const char *name, const struct small_file_kind *kind,
                      struct sm_buf *text, struct sm_err *err)
{
    struct stat info;
    sm_buf_init(text, MAX_BYTES);
    if (fstat(fd, &info) != 0)
        return fail(name, kind, errno, err);
    if (!sm_owner_check(&info, name, kind->code, err))
        return false;
    if (!sm_file_read(fd, text))
        return fail(name, kind, errno, err);
    if (text->over)
        return fail(name, kind, EFBIG, err);
    if (strlen(sm_buf_text(text)) < text->len)
        return sm_err_set(err, kind->code, kind->remedy, "%s: a NUL byte in it", name);
    return true;
}

bool small_file_read(const char *name, const struct small_file_kind *kind, struct sm_buf *text,
                     bool *missing, struct sm_err *err)
{
    struct stat link, file;
    bool there = lstat(name, &link) == 0 && stat(name, &file) == 0;
    if (missing)
        *missing = !there && (errno == ENOENT || errno == ENOTDIR);
    if (!there)
        return missing && *missing ? false : fail(name, kind, errno, err);
    /* Before it is opened, since a pipe of another user could hold up the program. */
    if (!sm_owner_check(&link, name, kind->code, err) ||
        !sm_owner_check(&file, name, kind->code, err))
        return false;
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(name, kind, errno, err);
    bool ok = read_text(fd, name, kind, text, err);
    close(fd);
    return ok;
}
