/* Messages on standard error, and what they mean for the exit status. */
#include "cmd/common/app.h"

#include "cmd/common/environment.h"
#include "lib/base/fnv.h"
#include "lib/base/printable.h"
#include "lib/io/color.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLACES_MAX 100 /* problems of lines that are printed: nobody reads more */
#define OTHERS_MS 200  /* for the programs of a pipe to start up, on a busy machine too */
#define STOP_MS 2000   /* for those that were stopped with this one to notice it, likewise */
#define STOP_STEP_MS 10
#define PIDS ((off_t)1 << 23) /* more than there are process ids */

void app_raise(struct app *app, int code)
{
    if (app->status == SM_EXIT_OK || app->status == SM_EXIT_PARTIAL)
        app->status = code;
}

static bool is_pipe(int fd)
{
    struct stat info;
    return fstat(fd, &info) == 0 && S_ISFIFO(info.st_mode);
}

static bool in_pipe(void)
{
    return is_pipe(STDIN_FILENO) || is_pipe(STDOUT_FILENO);
}

/* What erases the bar. With -q a program does not know whether others of the pipe draw one. */
static const char *what_erases(const struct app *app)
{
    if (!app->set.quiet)
        return sm_progress_erase(app->progress);
    bool perhaps = in_pipe() && isatty(STDERR_FILENO) && sm_term_is_able(env_variable("TERM"));
    return perhaps ? SM_PROGRESS_ERASE : "";
}

/* Appends to a message, which stays one line, whatever names the input put into it. */
static void add_text(const struct app *app, struct sm_buf *line, enum sm_style style,
                     const char *text)
{
    struct sm_buf shown = {0};
    sm_printable(&shown, text, strlen(text), false);
    sm_color_add(line, app->color_messages, style, sm_buf_text(&shown));
    sm_buf_release(&shown);
}

/* Begins a message, in the place of the progress bar. */
static void begin_line(const struct app *app, struct sm_buf *line, enum sm_style style)
{
    sm_buf_str(line, what_erases(app));
    add_text(app, line, style, app->program->name);
    sm_buf_str(line, ": ");
}

/* In one write, so that nobody draws between its parts. Releases `line`. */
static void end_line(struct sm_buf *line)
{
    sm_buf_char(line, '\n');
    fwrite(line->data, 1, line->len, stderr);
    sm_buf_release(line);
}

static void print_problem(struct app *app, const char *where, size_t number,
                          const struct sm_err *err)
{
    struct sm_buf place = {0}, line = {0};
    if (where && number)
        sm_buf_printf(&place, "%s:%zu:", where, number);
    else if (where)
        sm_buf_printf(&place, "%s:", where);
    begin_line(app, &line, SM_RED);
    add_text(app, &line, SM_BOLD, sm_buf_text(&place));
    sm_buf_str(&line, where ? " " : "");
    add_text(app, &line, SM_PLAIN, err->message);
    if (err->remedy) {
        sm_buf_str(&line, "; ");
        add_text(app, &line, SM_CYAN, err->remedy);
    }
    end_line(&line);
    sm_buf_release(&place);
}

/* A byte of the file that is standard error, which the programs of a process group lock to know of
 * each other: the system drops a lock when its process ends, so nothing is left behind. */
static struct flock byte_of(const char *text, off_t from, off_t len)
{
    uint64_t hash = sm_fnv(SM_FNV_START ^ (uint64_t)getpgrp(), text, strlen(text));
    return (struct flock){.l_type = F_WRLCK,
                          .l_whence = SEEK_SET,
                          .l_start = (off_t)(hash & INT32_MAX) * PIDS + from,
                          .l_len = len};
}

/* Whether no other program of the process group that shares our standard error has told this just
 * now. Who tells it holds a lock chosen by the text. Where there are no such locks all tell. */
static bool is_ours_to_tell(const char *text)
{
    struct flock byte = byte_of(text, 0, 1);
    return fcntl(STDERR_FILENO, F_SETLK, &byte) == 0 || (errno != EACCES && errno != EAGAIN);
}

static bool ends_run(const struct sm_err *err)
{
    return err->code != SM_EXIT_PARTIAL && err->code < SM_EXIT_SIGNAL;
}

/* Stays until the other programs of the pipe have come as far and have found the lock. */
static void let_others_see(void)
{
    if (in_pipe())
        poll(NULL, 0, OTHERS_MS);
}

/* What ends one program of a pipe, such as a key that is missing, often ends others at the same
 * moment: one of them tells it. */
static void tell_once(struct app *app, const struct sm_err *err)
{
    if (in_pipe() && !is_ours_to_tell(err->message))
        return;
    print_problem(app, NULL, 0, err);
    let_others_see();
}

static const char stoppable[] = "a program that has not noticed that it was stopped";

static void mark_stoppable(short type)
{
    struct flock own = byte_of(stoppable, getpid(), 1);
    own.l_type = type;
    if (in_pipe())
        fcntl(STDERR_FILENO, F_SETLK, &own);
}

void app_tell_stop(struct app *app, const char *text)
{
    app->on_stop = text;
    mark_stoppable(F_WRLCK);
}

static bool others_will_stop(void)
{
    struct flock all = byte_of(stoppable, 1, PIDS - 1);
    return fcntl(STDERR_FILENO, F_GETLK, &all) == 0 && all.l_type != F_UNLCK;
}

static void tell_stop(struct app *app)
{
    const char *text = app->on_stop;
    app->on_stop = NULL;
    mark_stoppable(F_UNLCK);
    if (!text || app->set.quiet || (in_pipe() && !is_ours_to_tell(text)))
        return;
    app_note(app, "%s", text);
    app->told_stop = true;
}

void app_let_others_stop(const struct app *app)
{
    bool waits = app->told_stop && in_pipe();
    for (int waited = 0; waits && waited < STOP_MS && others_will_stop(); waited += STOP_STEP_MS)
        poll(NULL, 0, STOP_STEP_MS);
}

static bool is_one_too_many(struct app *app)
{
    return app->places_told++ >= PLACES_MAX && !app->set.verbose;
}

void app_fail(struct app *app, struct sm_err *err)
{
    if (err->code == SM_EXIT_SIGNAL + SIGINT || err->code == SM_EXIT_SIGNAL + SIGTERM)
        tell_stop(app);
    else if (err->message && ends_run(err))
        tell_once(app, err);
    else if (err->message && !(app->told_of_users && is_one_too_many(app)))
        print_problem(app, NULL, 0, err);
    app_raise(app, err->code);
    sm_err_clear(err);
}

void app_tell_more(struct app *app)
{
    if (app->places_told > PLACES_MAX && !app->set.verbose)
        app_warn(app, "%zu more problems of lines, not told here; -v tells all",
                 app->places_told - PLACES_MAX);
}

void app_bad_at(struct app *app, const char *where, struct sm_err *err)
{
    if (!is_one_too_many(app))
        print_problem(app, where, 0, err);
    app_raise(app, SM_EXIT_PARTIAL);
    sm_err_clear(err);
}

static void print_remark(struct app *app, const char *format, va_list args)
{
    struct sm_buf text = {0}, line = {0};
    sm_buf_vprintf(&text, format, args);
    begin_line(app, &line, SM_BOLD);
    add_text(app, &line, SM_PLAIN, sm_buf_text(&text));
    end_line(&line);
    sm_buf_release(&text);
}

void app_note(struct app *app, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (!app->set.quiet)
        print_remark(app, format, args);
    va_end(args);
}

void app_note_once(struct app *app, const char *format, ...)
{
    va_list args;
    struct sm_buf text = {0};
    va_start(args, format);
    sm_buf_vprintf(&text, format, args);
    va_end(args);
    if (!in_pipe() || is_ours_to_tell(text.data))
        app_note(app, "%s", text.data);
    sm_buf_release(&text);
}

void app_warn(struct app *app, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_remark(app, format, args);
    va_end(args);
}

void app_tell_terminal(struct app *app, const char *name)
{
    if (app->told_terminal || strcmp(name, "-") != 0 || !isatty(STDIN_FILENO))
        return;
    app->told_terminal = true;
    app_note(app, "reads standard input, from the terminal: name a file, or end it with control-D");
}

static void report_place(void *arg, const char *name, size_t line, const struct sm_err *err)
{
    struct app *app = arg;
    if (line == 0 || !is_one_too_many(app))
        print_problem(app, name, line, err);
    app_raise(app, err->code);
}

void app_open_files(struct app *app, struct sm_reader *reader, const char *const *names,
                    size_t count)
{
    app_tell_terminal(app, count ? names[0] : "-");
    sm_reader_open(reader, names, count, app->set.user, report_place, app);
    reader->shard = app->shard;
}

void app_open_reader(struct app *app, struct sm_reader *reader)
{
    app_open_files(app, reader, app->files, app->file_count);
}
