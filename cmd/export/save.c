#include "cmd/export/save.h"

#include "lib/base/file.h"
#include "lib/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_MAX_BYTES 255 /* the limit of all common file systems */

struct saver {
    char *folder;
    int fd; /* of the folder */
    bool force;
};

static bool set_write_error(const struct saver *saver, const char *name, struct sm_err *err)
{
    return sm_err_set(err, SM_EXIT_INPUT, "make room or choose another folder", "%s/%s: %s",
                      saver->folder, name, strerror(errno));
}

struct saver *saver_open(const char *folder, bool force, struct sm_err *err)
{
    struct saver *saver = sm_alloc(1, sizeof *saver);
    saver->folder = sm_strdup(folder);
    saver->force = force;
    bool made = mkdir(folder, 0777) == 0 || errno == EEXIST;
    saver->fd = made ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (saver->fd >= 0)
        return saver;
    sm_err_set(err, SM_EXIT_INPUT, "give a folder, and after it the files to read", "%s: %s: %s",
               folder, made ? "cannot write there" : "cannot make this folder", strerror(errno));
    saver_close(saver);
    return NULL;
}

void saver_close(struct saver *saver)
{
    if (!saver)
        return;
    if (saver->fd >= 0)
        close(saver->fd);
    free(saver->folder);
    free(saver);
}

/* Whether the file holds exactly this. */
static bool holds(int fd, const char *data, size_t len)
{
    char chunk[16384];
    ssize_t n;
    while ((n = read(fd, chunk, sizeof chunk)) > 0) {
        if ((size_t)n > len || memcmp(chunk, data, (size_t)n) != 0)
            return false;
        data += n;
        len -= (size_t)n;
    }
    return n == 0 && len == 0;
}

/* An existing file may have cost money: it stays, unless it is the same or the user insists. */
static bool may_write(const struct saver *saver, const char *name, const char *data, size_t len,
                      struct sm_err *err)
{
    struct stat info;
    if (saver->force || fstatat(saver->fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return true;
    int fd = S_ISREG(info.st_mode) ? openat(saver->fd, name, O_RDONLY | O_CLOEXEC) : -1;
    bool same = fd >= 0 && holds(fd, data, len);
    if (fd >= 0)
        close(fd);
    return same || sm_err_set(err, SM_EXIT_PARTIAL, "give --force to replace it",
                              "%s/%s is there, with other contents", saver->folder, name);
}

static bool write_file(const struct saver *saver, const char *name, const char *data, size_t len,
                       struct sm_err *err)
{
    char part[64];
    snprintf(part, sizeof part, ".sm-export.%lld", (long long)getpid());
    unlinkat(saver->fd, part, 0); /* a killed process with the same number may have left it */
    int fd = openat(saver->fd, part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return set_write_error(saver, name, err);
    bool ok = sm_file_write(fd, data, len);
    int why = errno;
    if (close(fd) != 0 && ok) {
        ok = false;
        why = errno;
    }
    if (ok && renameat(saver->fd, part, saver->fd, name) == 0)
        return true;
    errno = ok ? errno : why;
    set_write_error(saver, name, err);
    unlinkat(saver->fd, part, 0);
    return false;
}

static bool check_name(const char *user, const struct sm_buf *name, struct sm_err *err)
{
    if (!*user)
        return sm_err_set(err, SM_EXIT_PARTIAL, "give the user a name",
                          "an empty user_id cannot be the name of a file");
    return name->len <= NAME_MAX_BYTES ||
           sm_err_set(err, SM_EXIT_PARTIAL, "give the user a shorter name",
                      "a file of this user would have a name of %zu bytes, and %d is the limit",
                      name->len, NAME_MAX_BYTES);
}

bool saver_write(const struct saver *saver, const char *user, const struct sm_buf *state,
                 const char *persona, size_t persona_len, struct sm_err *err)
{
    struct sm_buf json = {0}, text = {0};
    sm_file_escape(&json, user, "");
    sm_buf_str(&json, ".json");
    sm_file_escape(&text, user, "");
    sm_buf_str(&text, "_persona.txt");
    bool ok = check_name(user, &text, err) &&
              may_write(saver, json.data, state->data, state->len, err) &&
              may_write(saver, text.data, persona, persona_len, err) &&
              write_file(saver, text.data, persona, persona_len, err) &&
              write_file(saver, json.data, state->data, state->len, err);
    sm_buf_release(&json);
    sm_buf_release(&text);
    return ok;
}
