#include "lib/store/request_lock.h"

#include "lib/base/buf.h"
#include "lib/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define OFFSET_DIGITS 15 /* as many hexadecimal digits of a key as an offset holds */

struct sm_request_locks {
    char *name; /* of the file */
    int fd;     /* -1 until the first lock, or if the file cannot be opened */
    bool tried; /* to open it */
};

struct sm_request_locks *sm_request_locks_open(const char *path)
{
    if (!path)
        return NULL;
    struct sm_request_locks *locks = sm_alloc(1, sizeof *locks);
    struct sm_buf name = {0};
    sm_buf_printf(&name, "%s-claims", path);
    *locks = (struct sm_request_locks){.name = sm_buf_take(&name), .fd = -1};
    return locks;
}

void sm_request_locks_close(struct sm_request_locks *locks)
{
    if (!locks)
        return;
    if (locks->fd >= 0)
        close(locks->fd);
    free(locks->name);
    free(locks);
}

static bool set_lock(struct sm_request_locks *locks, const char *key, short type)
{
    char digits[OFFSET_DIGITS + 1];
    snprintf(digits, sizeof digits, "%s", key);
    struct flock range = {.l_type = type,
                          .l_whence = SEEK_SET,
                          .l_start = (off_t)strtoll(digits, NULL, 16),
                          .l_len = 1};
    return fcntl(locks->fd, F_SETLK, &range) == 0 || (errno != EAGAIN && errno != EACCES);
}

bool sm_request_lock_take(struct sm_request_locks *locks, const char *key)
{
    if (!locks)
        return true;
    if (!locks->tried)
        locks->fd = open(locks->name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    locks->tried = true;
    return locks->fd < 0 || set_lock(locks, key, F_WRLCK);
}

void sm_request_lock_drop(struct sm_request_locks *locks, const char *key)
{
    if (locks && locks->fd >= 0)
        set_lock(locks, key, F_UNLCK);
}
