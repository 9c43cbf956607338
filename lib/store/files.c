#define _DEFAULT_SOURCE /* flock() */
#include "lib/store/internal/files.h"

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/base/owner.h"
#include "lib/store/internal/backend.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define LOCK_WAIT_MS 10000
#define LOCK_POLL_MS 10

static bool fail_open(const char *path, struct sm_err *err)
{
    if (errno == ELOOP)
        return sm_err_set(err, SM_EXIT_INPUT, "name the file itself, to which it leads",
                          "store %s is a symbolic link", path);
    return sm_err_set(err, SM_EXIT_INPUT, SM_STORE_OTHER, "cannot open store %s: %s", path,
                      strerror(errno));
}

/* Answers are people's texts: only the owner may read the file. SQLite's companions get the same
 * mode. */
static bool make_file(const char *path, struct sm_err *err)
{
    struct stat info;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd < 0)
        return fail_open(path, err);
    bool ok = fstat(fd, &info) == 0 ? sm_owner_check(&info, path, SM_EXIT_INPUT, err)
                                    : fail_open(path, err);
    close(fd);
    return ok;
}

static bool check_file(const char *path, struct sm_err *err)
{
    struct stat info;
    if (lstat(path, &info) != 0) {
        if (errno != ENOENT)
            return fail_open(path, err);
        return sm_err_set(
            err, SM_EXIT_INPUT,
            "name the one of a run with --cache or SM_CACHE, or fill it with sm-cache "
            "import",
            "there is no store %s", path);
    }
    errno = ELOOP;
    if (S_ISLNK(info.st_mode))
        return fail_open(path, err);
    if (!sm_owner_check(&info, path, SM_EXIT_INPUT, err))
        return false;
    return info.st_size > 0 ||
           sm_err_set(err, SM_EXIT_INPUT, SM_STORE_OTHER, "store %s is empty", path);
}

/* A companion that another user has put there would be read as part of the store. */
static bool check_companion(const char *path, const char *suffix, struct sm_err *err)
{
    struct sm_buf name = {0};
    struct stat info;
    bool ok = true;
    sm_buf_printf(&name, "%s%s", path, suffix);
    if (lstat(name.data, &info) == 0) {
        ok = sm_owner_check(&info, name.data, SM_EXIT_INPUT, err);
        if (ok && S_ISLNK(info.st_mode))
            ok = sm_err_set(err, SM_EXIT_INPUT, "remove it", "%s is a symbolic link", name.data);
        /* Who has it open keeps it, and shares no claims with those who come now. */
        if (ok && strcmp(suffix, SM_CLAIMS_SUFFIX) == 0 && (info.st_mode & (S_IRWXG | S_IRWXO)))
            unlink(name.data);
    }
    sm_buf_release(&name);
    return ok;
}

bool sm_store_find_files(const char *path, enum sm_store_use use, struct sm_err *err)
{
    static const char *const suffixes[] = {"-wal", "-shm", "-journal", SM_CLAIMS_SUFFIX};
    bool ok = use == SM_STORE_CREATE ? make_file(path, err) : check_file(path, err);
    for (size_t i = 0; ok && i < sizeof suffixes / sizeof *suffixes; i++)
        ok = check_companion(path, suffixes[i], err);
    return ok;
}

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? sm_strndup(path, (size_t)(slash - path) + 1) : sm_strdup(".");
}

char *sm_store_real_path(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = folder_of(path), *real = realpath(folder, NULL);
    struct sm_buf text = {0};
    sm_buf_printf(&text, "%s/%s", real ? real : folder, slash ? slash + 1 : path);
    free(real);
    free(folder);
    return sm_buf_take(&text);
}

long sm_lock_holder(const struct stat *file)
{
    char line[256];
    long pid, holder = 0;
    unsigned device[2];
    unsigned long inode;
    FILE *locks = fopen("/proc/locks", "re");
    while (locks && !holder && fgets(line, sizeof line, locks)) {
        if (sscanf(line, "%*u: %*s %*s %*s %ld %x:%x:%lu", &pid, &device[0], &device[1], &inode) ==
                4 &&
            device[0] == major(file->st_dev) && device[1] == minor(file->st_dev) &&
            inode == file->st_ino && pid != getpid())
            holder = pid;
    }
    if (locks)
        fclose(locks);
    return holder;
}

const char *sm_lock_holder_text(long holder, char text[48])
{
    *text = '\0';
    if (holder > 0)
        snprintf(text, 48, " (held by process %ld)", holder);
    return text;
}

static void fail_lock(const char *folder, int fd, struct sm_err *err)
{
    struct stat info;
    char text[48];
    fstat(fd, &info);
    sm_err_set(err, SM_EXIT_INPUT, "end that program, or name a store in another folder",
               "the lock of folder %s cannot be had%s", folder,
               sm_lock_holder_text(sm_lock_holder(&info), text));
}

int sm_store_lock(const char *path, struct sm_err *err)
{
    char *folder = folder_of(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), waited_ms = 0;
    /* A file system without locks goes without them. */
    while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 &&
           (errno == EWOULDBLOCK || errno == EINTR)) {
        if (waited_ms >= LOCK_WAIT_MS) {
            fail_lock(folder, fd, err);
            close(fd);
            fd = -1;
        }
        poll(NULL, 0, LOCK_POLL_MS);
        waited_ms += LOCK_POLL_MS;
    }
    free(folder);
    return fd;
}
