/* Failures at will: preloaded into a program, lets one call of the C library fail, or kills the
 * program there, or lets the clock jump. (glibc; not for builds with sanitizers, which have an
 * allocator of their own.)
 *
 * FAIL=KIND,N,HOW: the N-th call (from 1) of KIND fails: "once"; that and all later ones: "always";
 * the program dies by SIGKILL before it: "kill".
 *
 * FAIL_CLOCK=N,S: from the N-th reading on the clock is S seconds ahead; what only goes forward
 * (CLOCK_MONOTONIC) stays as it is.
 *
 * FAIL_COUNTS=FILE: at the end, lines "KIND CALLS" go there.
 *
 * Kinds: alloc, write, sync, rename, open, truncate, read, map, lock, netlink (a socket to ask the
 * kernel), diag (the kernel is asked about a protocol that it does not know), and any, which is all
 * but alloc, read, netlink and diag. Standard error is spared. (A lock fails with EIO: ENOLCK is to
 * SQLite a store that is in use, for which it waits a while.) */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind {
    ALLOC,
    WRITE,
    SYNC,
    RENAME,
    OPEN,
    TRUNCATE,
    READ,
    MAP,
    LOCK,
    NETLINK,
    DIAG,
    CLOCK,
    ANY,
    KINDS
};
static const char *const names[KINDS] = {"alloc",    "write", "sync", "rename", "open",
                                         "truncate", "read",  "map",  "lock",   "netlink",
                                         "diag",     "clock", "any"};
static const int errors[KINDS] = {
    ENOMEM,          ENOSPC,          EIO,    EIO, EMFILE, EIO, EIO, ENOMEM, EIO,
    EPROTONOSUPPORT, EPROTONOSUPPORT, EINVAL, EIO};

static struct {
    atomic_long calls[KINDS];
    enum kind kind;
    long at, clock_at, jump_s; /* `at` 0: nothing fails */
    bool always, dies;
} fail = {.kind = KINDS};

/* What follows the comma, as a number. */
static long number_behind(const char *text)
{
    const char *comma = text ? strchr(text, ',') : NULL;
    return comma ? strtol(comma + 1, NULL, 10) : 0;
}

__attribute__((constructor)) static void begin(void)
{
    const char *what = getenv("FAIL"), *clock = getenv("FAIL_CLOCK");
    size_t len = what ? strcspn(what, ",") : 0;
    for (enum kind k = 0; k < KINDS && what; k++) {
        if (strlen(names[k]) == len && memcmp(names[k], what, len) == 0)
            fail.kind = k;
    }
    fail.always = what && strstr(what, ",always");
    fail.dies = what && strstr(what, ",kill");
    fail.clock_at = clock ? strtol(clock, NULL, 10) : 0;
    fail.jump_s = number_behind(clock);
    fail.at = number_behind(what);
    for (enum kind k = 0; k < KINDS; k++)
        atomic_store(&fail.calls[k], 0);
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("FAIL_COUNTS");
    fail.at = 0;
    FILE *file = path ? fopen(path, "w") : NULL;
    for (enum kind k = 0; k < KINDS && file; k++)
        fprintf(file, "%s %ld\n", names[k], atomic_load(&fail.calls[k]));
    if (file)
        fclose(file);
}

static bool is_hit(enum kind kind)
{
    long n = atomic_fetch_add(&fail.calls[kind], 1) + 1;
    return fail.kind == kind && fail.at > 0 && (n == fail.at || (fail.always && n > fail.at));
}

/* Whether this call is to fail; errno is set then. */
static bool fails(enum kind kind)
{
    bool any = kind != ALLOC && kind != READ && kind != NETLINK && kind != DIAG && is_hit(ANY);
    if (!is_hit(kind) && !any)
        return false;
    if (fail.dies)
        kill(getpid(), SIGKILL);
    errno = errors[kind];
    return true;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* --- Memory --- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size)
{
    return fails(ALLOC) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails(ALLOC) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return fails(ALLOC) ? NULL : __libc_realloc(old, size);
}

/* Spared: libjq's compiler copies names with it, and does not ask whether there was memory. */
char *strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = __libc_malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

/* --- Files --- */

ssize_t write(int fd, const void *data, size_t len)
{
    return fd != STDERR_FILENO && fails(WRITE) ? -1 : NEXT(write)(fd, data, len);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    return fd != STDERR_FILENO && fails(WRITE) ? -1 : NEXT(writev)(fd, parts, count);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
    return fails(WRITE) ? -1 : NEXT(pwrite)(fd, data, len, at);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
    return fails(WRITE) ? -1 : NEXT(pwrite64)(fd, data, len, at);
}

ssize_t read(int fd, void *data, size_t len)
{
    return fails(READ) ? -1 : NEXT(read)(fd, data, len);
}

ssize_t pread64(int fd, void *data, size_t len, off64_t at)
{
    return fails(READ) ? -1 : NEXT(pread64)(fd, data, len, at);
}

int fsync(int fd)
{
    return fails(SYNC) ? -1 : NEXT(fsync)(fd);
}

int fdatasync(int fd)
{
    return fails(SYNC) ? -1 : NEXT(fdatasync)(fd);
}

int rename(const char *from, const char *to)
{
    return fails(RENAME) ? -1 : NEXT(rename)(from, to);
}

int ftruncate(int fd, off_t len)
{
    return fails(TRUNCATE) ? -1 : NEXT(ftruncate)(fd, len);
}

int ftruncate64(int fd, off64_t len)
{
    return fails(TRUNCATE) ? -1 : NEXT(ftruncate64)(fd, len);
}

static int opened(const char *name, const char *path, int flags, mode_t mode)
{
    int (*next)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name);
    return fails(OPEN) ? -1 : next(path, flags, mode);
}

#define OPEN_AS(name)                                                                              \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;                    \
        va_end(args);                                                                              \
        return opened(#name, path, flags, mode);                                                   \
    }
OPEN_AS(open)
OPEN_AS(open64)

int __open_2(const char *path, int flags);
int __open_2(const char *path, int flags)
{
    return opened("open", path, flags, 0);
}

int __open64_2(const char *path, int flags);
int __open64_2(const char *path, int flags)
{
    return opened("open64", path, flags, 0);
}

void *mmap(void *at, size_t len, int prot, int flags, int fd, off_t from)
{
    return fd >= 0 && fails(MAP) ? MAP_FAILED : NEXT(mmap)(at, len, prot, flags, fd, from);
}

void *mmap64(void *at, size_t len, int prot, int flags, int fd, off64_t from)
{
    return fd >= 0 && fails(MAP) ? MAP_FAILED : NEXT(mmap64)(at, len, prot, flags, fd, from);
}

#define FCNTL_AS(name)                                                                             \
    int name(int fd, int command, ...)                                                             \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, command);                                                                   \
        void *arg = va_arg(args, void *);                                                          \
        va_end(args);                                                                              \
        bool locks = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK;          \
        return locks && fd != STDERR_FILENO && fails(LOCK) ? -1 : NEXT(name)(fd, command, arg);    \
    }
FCNTL_AS(fcntl)
FCNTL_AS(fcntl64)

int socket(int domain, int type, int protocol)
{
    return domain == AF_NETLINK && fails(NETLINK) ? -1 : NEXT(socket)(domain, type, protocol);
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
    struct {
        struct nlmsghdr head;
        struct inet_diag_req_v2 body;
    } question;
    if (len == sizeof question) {
        memcpy(&question, data, len);
        if (question.head.nlmsg_type == SOCK_DIAG_BY_FAMILY && fails(DIAG)) {
            question.body.sdiag_protocol = 255;
            data = &question;
        }
    }
    return NEXT(send)(fd, data, len, flags);
}

/* --- Clocks --- */

static long jump_s(void)
{
    long n = atomic_fetch_add(&fail.calls[CLOCK], 1) + 1;
    return fail.clock_at > 0 && n >= fail.clock_at ? fail.jump_s : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = NEXT(clock_gettime)(clock, now);
    if (clock == CLOCK_REALTIME)
        now->tv_sec += jump_s();
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    int result = NEXT(gettimeofday)(now, zone);
    now->tv_sec += jump_s();
    return result;
}

time_t time(time_t *now)
{
    time_t read = NEXT(time)(NULL) + jump_s();
    if (now)
        *now = read;
    return read;
}
