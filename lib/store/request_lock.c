#include "lib/store/request_lock.h"

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/store/internal/backend.h"
#include "lib/store/internal/files.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define OFFSET_DIGITS 15 /* as many hexadecimal digits of a key as an offset holds */

/* Offsets of pipes, above all keys. */
#define PIPES ((off_t)1 << 61)
#define PIPE_BYTES ((off_t)2 * SM_PLACES_MAX)
#define WANTED ((off_t)SM_PLACES_MAX)

struct sm_request_locks {
    struct sm_store *store;     /* that has claims itself, or NULL */
    char *name;                 /* of the file */
    int fd;                     /* -1 until the first lock, or if the file cannot be opened */
    bool tried;                 /* to open it */
    off_t pipe;                 /* offset of its first place */
    bool places[SM_PLACES_MAX]; /* ours: a process never finds its own locks in the way */
};

/* The file's name: beside a store that is a file. NULL: there is no place for it. */
static char *file_of(const struct sm_store *store)
{
    struct sm_buf name = {0};
    if (store->backend->claim)
        return store->shared.places ? sm_strdup(store->shared.places) : NULL;
    sm_buf_printf(&name, "%s" SM_CLAIMS_SUFFIX, store->path);
    return sm_buf_take(&name);
}

struct sm_request_locks *sm_request_locks_open(struct sm_store *store, int64_t pipe)
{
    if (!store->path)
        return NULL;
    struct sm_request_locks *locks = sm_alloc(1, sizeof *locks);
    locks->store = store->backend->claim ? store : NULL;
    locks->name = file_of(store);
    locks->fd = -1;
    locks->pipe = PIPES + (off_t)pipe * PIPE_BYTES;
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

static struct flock byte_at(off_t offset, short type)
{
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = offset, .l_len = 1};
}

static bool set_lock(struct sm_request_locks *locks, off_t offset, short type)
{
    struct flock range = byte_at(offset, type);
    return fcntl(locks->fd, F_SETLK, &range) == 0 || (errno != EAGAIN && errno != EACCES);
}

static off_t offset_of(const char *key)
{
    char digits[OFFSET_DIGITS + 1];
    snprintf(digits, sizeof digits, "%s", key);
    return (off_t)strtoll(digits, NULL, 16);
}

/* False if there is no file to lock. */
static bool open_file(struct sm_request_locks *locks)
{
    if (!locks)
        return false;
    if (!locks->tried && locks->name)
        locks->fd = open(locks->name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    locks->tried = true;
    return locks->fd >= 0;
}

void sm_request_locks_ahead(struct sm_request_locks *locks, const char *const *keys, size_t count,
                            size_t most)
{
    if (locks && locks->store && count > 0)
        locks->store->backend->claim_some(locks->store, keys, count, most);
}

bool sm_request_lock_is_known(const struct sm_request_locks *locks, const char *key)
{
    return !locks || !locks->store || locks->store->backend->is_claim_known(locks->store, key);
}

bool sm_request_lock_take(struct sm_request_locks *locks, const char *key)
{
    if (locks && locks->store)
        return locks->store->backend->claim(locks->store, key);
    return !open_file(locks) || set_lock(locks, offset_of(key), F_WRLCK);
}

bool sm_request_lock_holder(struct sm_request_locks *locks, const char *key, struct sm_buf *who)
{
    struct flock other = byte_at(offset_of(key), F_WRLCK);
    if (locks && locks->store)
        locks->store->backend->claimer(locks->store, key, who);
    else if (open_file(locks) && fcntl(locks->fd, F_GETLK, &other) == 0 &&
             other.l_type != F_UNLCK && other.l_pid > 0)
        sm_buf_printf(who, "process %ld", (long)other.l_pid);
    return who->len > 0;
}

void sm_request_lock_drop(struct sm_request_locks *locks, const char *key)
{
    if (locks && locks->store)
        locks->store->backend->unclaim(locks->store, key);
    else if (locks && locks->fd >= 0)
        set_lock(locks, offset_of(key), F_UNLCK);
}

/* The first place behind those that another program has from `place` on. */
static int behind_taken(struct sm_request_locks *locks, int place)
{
    struct flock other = byte_at(locks->pipe + place, F_WRLCK);
    if (fcntl(locks->fd, F_GETLK, &other) != 0 || other.l_type == F_UNLCK)
        return place; /* free by now */
    off_t behind = other.l_start + other.l_len - locks->pipe;
    return other.l_len > 0 && behind <= SM_PLACES_MAX ? (int)behind : SM_PLACES_MAX;
}

int sm_place_take(struct sm_request_locks *locks, int count)
{
    if (!open_file(locks))
        return 0;
    for (int place = 0; place < count;) {
        if (locks->places[place]) {
            place++;
        } else if (set_lock(locks, locks->pipe + place, F_WRLCK)) {
            locks->places[place] = true;
            return place;
        } else {
            place = behind_taken(locks, place);
        }
    }
    return -1;
}

void sm_place_drop(struct sm_request_locks *locks, int place)
{
    if (!locks || locks->fd < 0)
        return;
    set_lock(locks, locks->pipe + place, F_UNLCK);
    locks->places[place] = false;
}

bool sm_place_is_taken(struct sm_request_locks *locks)
{
    if (!open_file(locks))
        return false;
    struct flock other = byte_at(locks->pipe, F_WRLCK);
    other.l_len = SM_PLACES_MAX;
    return fcntl(locks->fd, F_GETLK, &other) == 0 && other.l_type != F_UNLCK;
}

void sm_place_want(struct sm_request_locks *locks, bool want)
{
    if (open_file(locks))
        set_lock(locks, locks->pipe + WANTED, want ? F_RDLCK : F_UNLCK);
}

bool sm_place_is_wanted(struct sm_request_locks *locks)
{
    if (!open_file(locks))
        return false;
    struct flock other = byte_at(locks->pipe + WANTED, F_WRLCK);
    return fcntl(locks->fd, F_GETLK, &other) == 0 && other.l_type != F_UNLCK;
}
