#include "lib/store/internal/damaged.h"

#include "lib/base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HEADER_BYTES 72
#define ID_OFFSET 68 /* of the application id in SQLite's header, a big-endian number */

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

/* A name that is not taken. */
static void choose_name(const char *path, time_t now, struct sm_buf *name)
{
    char stamp[32];
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

bool sm_store_set_aside(const char *path, uint32_t application_id, const struct stat *damaged,
                        int64_t now_s, struct sm_buf *where)
{
    struct stat now;
    if (stat(path, &now) != 0)
        return errno == ENOENT;
    if (now.st_ino != damaged->st_ino || now.st_dev != damaged->st_dev)
        return true;
    if (!sm_store_was_ours(path, application_id))
        return false;
    struct sm_buf name = {0};
    choose_name(path, (time_t)now_s, &name);
    bool ok =
        move(path, "-wal", name.data) && move(path, "-shm", name.data) && move(path, "", name.data);
    if (ok)
        sm_buf_add(where, name.data, name.len);
    sm_buf_release(&name);
    return ok;
}
