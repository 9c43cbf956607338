#define _XOPEN_SOURCE 700 /* realpath() */

#include "cmd/report/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define GATHERED_BYTES ((size_t)64 << 10)

static bool cannot(struct sm_err *err, const char *path)
{
    return sm_err_set(err, SM_EXIT_INPUT, "name a file in a folder that can be written",
                      "cannot write %s: %s", path, strerror(errno));
}

/* The file itself, if `path` is a link to one. */
static char *resolve(const char *path)
{
    char *real = realpath(path, NULL);
    return real ? real : sm_strdup(path);
}

bool sink_open(struct sink *sink, struct app *app, const char *path, struct sm_err *err)
{
    struct stat info;
    *sink = (struct sink){.app = app, .output = app->output};
    if (strcmp(path, "-") == 0)
        return true;
    sink->path = resolve(path);
    bool there = stat(sink->path, &info) == 0;
    if (there && !S_ISREG(info.st_mode)) {
        sink->output.fd = open(sink->path, O_WRONLY | O_CLOEXEC);
        return sink->output.fd >= 0 || cannot(err, path);
    }
    struct sm_buf part = {0};
    sm_buf_printf(&part, "%s.part-%ld", sink->path, (long)getpid());
    sink->part = sm_buf_take(&part);
    sink->output.fd = open(sink->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (sink->output.fd >= 0)
        return true;
    cannot(err, path);
    free(sink->part);
    sink->part = NULL;
    return false;
}

/* Writes what has gathered; a failure is reported once. */
static void drain(struct sink *sink)
{
    struct sm_err err = {0};
    if (sm_output_drain(&sink->output, true, &err))
        return;
    sink->failed = true;
    app_fail(sink->app, &err);
}

void sink_write(struct sink *sink, const char *data, size_t len)
{
    if (sink->failed)
        return;
    if (!sink->path) {
        sink->failed = !app_write(sink->app, data, len);
        return;
    }
    sm_buf_add(&sink->output.pending, data, len);
    if (sink->output.pending.len >= GATHERED_BYTES)
        drain(sink);
}

/* Gives the written file its name. */
static bool rename_part(struct sink *sink)
{
    struct sm_err err = {0};
    int closed = close(sink->output.fd);
    sink->output.fd = -1;
    if (closed == 0 && (!sink->part || rename(sink->part, sink->path) == 0))
        return true;
    cannot(&err, sink->path);
    app_fail(sink->app, &err);
    return false;
}

bool sink_close(struct sink *sink, bool keep)
{
    if (sink->path && sink->output.fd >= 0) {
        if (keep && !sink->failed)
            drain(sink);
        bool settled = keep && !sink->failed && rename_part(sink);
        if (sink->output.fd >= 0)
            close(sink->output.fd);
        if (!settled && sink->part)
            unlink(sink->part);
        sink->failed |= !settled;
    }
    sm_buf_release(&sink->output.pending);
    free(sink->path);
    free(sink->part);
    return keep && !sink->failed;
}
