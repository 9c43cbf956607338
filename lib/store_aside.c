#include "store_aside.h"

#include "mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HEADER_BYTES 72
#define ID_OFFSET 68 /* of the application id in SQLite's header, big endian */

bool sm_store_was_ours(const char *path, uint32_t application_id)
{
    unsigned char header[HEADER_BYTES] = {0};
    FILE *file = fopen(path, "re");
    if (!file)
        return errno == ENOENT;
    size_t len = fread(header, 1, sizeof header, file);
    fclose(file);
    uint32_t id = 0;
    for (int i = 0; i < 4; i++)
        id = id << 8 | header[ID_OFFSET + i];
    return len == sizeof header && memcmp(header, "SQLite format 3", 16) == 0 &&
           id == application_id;
}

/* A name that nothing has yet. */
static void choose_name(const char *path, struct sm_buf *name)
{
    char stamp[32];
    time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &local);
    for (int i = 1; i == 1 || access(name->data, F_OK) == 0; i++) {
        sm_buf_clear(name);
        sm_buf_printf(name, "%s.damaged-%s", path, stamp);
        if (i > 1)
            sm_buf_printf(name, "-%d", i);
    }
}

static bool move(const char *path, const char *suffix, const char *name)
{
    struct sm_buf from = {0}, to = {0};
    sm_buf_printf(&from, "%s%s", path, suffix);
    sm_buf_printf(&to, "%s%s", name, suffix);
    bool ok = rename(from.data, to.data) == 0 || (*suffix && errno == ENOENT);
    sm_buf_release(&from);
    sm_buf_release(&to);
    return ok;
}

/* Whether `path` still is the open file. */
static bool still(const char *path, int fd)
{
    struct stat by_name, by_fd;
    return stat(path, &by_name) == 0 && fstat(fd, &by_fd) == 0 && by_name.st_ino == by_fd.st_ino &&
           by_name.st_dev == by_fd.st_dev;
}

bool sm_store_set_aside(const char *path, uint32_t application_id, struct sm_buf *where)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT;
    struct sm_buf name = {0};
    bool ok = flock(fd, LOCK_EX) == 0;
    /* Programs of a pipe meet the damage at once; the first one moves it. */
    if (ok && still(path, fd) && sm_store_was_ours(path, application_id)) {
        choose_name(path, &name);
        ok = move(path, "-wal", name.data) && move(path, "-shm", name.data) &&
             move(path, "", name.data);
        if (ok)
            sm_buf_add(where, name.data, name.len);
    }
    close(fd);
    sm_buf_release(&name);
    return ok;
}
