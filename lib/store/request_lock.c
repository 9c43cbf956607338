#include "lib/store/request_lock.h"

#include "lib/base/buf.h"
#include "lib/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define OFFSET_DIGITS 15 /* of the key, hexadecimal: what an offset holds */

struct sm_request_locks {
    char *name; /* of the file */
    int fd;     /* -1 until the first claim, and where the file cannot be had */
    bool tried; /* to open it */
};

struct sm_request_locks *sm_request_locks_open(const char *path)
{
    if (!path)
        return NULL;
    struct sm_request_locks *claims = sm_alloc(1, sizeof *claims);
    struct sm_buf name = {0};
    sm_buf_printf(&name, "%s-claims", path);
    *claims = (struct sm_request_locks){.name = sm_buf_take(&name), .fd = -1};
    return claims;
}

void sm_request_locks_close(struct sm_request_locks *claims)
{
    if (!claims)
        return;
    if (claims->fd >= 0)
        close(claims->fd);
    free(claims->name);
    free(claims);
}

static bool lock(struct sm_request_locks *claims, const char *key, short type)
{
    char digits[OFFSET_DIGITS + 1];
    snprintf(digits, sizeof digits, "%s", key);
    struct flock range = {.l_type = type,
                          .l_whence = SEEK_SET,
                          .l_start = (off_t)strtoll(digits, NULL, 16),
                          .l_len = 1};
    return fcntl(claims->fd, F_SETLK, &range) == 0 || (errno != EAGAIN && errno != EACCES);
}

bool sm_request_lock_take(struct sm_request_locks *claims, const char *key)
{
    if (!claims)
        return true;
    if (!claims->tried)
        claims->fd = open(claims->name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    claims->tried = true;
    return claims->fd < 0 || lock(claims, key, F_WRLCK);
}

void sm_request_lock_drop(struct sm_request_locks *claims, const char *key)
{
    if (claims && claims->fd >= 0)
        lock(claims, key, F_UNLCK);
}
