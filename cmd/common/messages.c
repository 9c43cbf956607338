/* Messages on standard error, and what they mean for the exit status. */
#include "cmd/common/app.h"

#include <stdarg.h>
#include <stdio.h>

void app_raise(struct app *app, int code)
{
    if (app->status == SM_EXIT_OK || app->status == SM_EXIT_PARTIAL)
        app->status = code;
}

/* A message stays one line, whatever names the input put into it. */
static void print_line(struct sm_buf *text)
{
    for (size_t i = 0; i < text->len; i++) {
        unsigned char c = (unsigned char)text->data[i];
        if (c < 0x20 || c == 0x7f)
            text->data[i] = '?';
    }
    sm_buf_char(text, '\n');
    fwrite(text->data, 1, text->len, stderr);
    sm_buf_release(text);
}

static void print_problem(struct app *app, const char *where, size_t line, const struct sm_err *err)
{
    sm_progress_clear(app->progress);
    struct sm_buf text = {0};
    sm_buf_printf(&text, "%s: ", app->program->name);
    if (where && line)
        sm_buf_printf(&text, "%s:%zu: ", where, line);
    else if (where)
        sm_buf_printf(&text, "%s: ", where);
    sm_buf_str(&text, err->message);
    if (err->remedy)
        sm_buf_printf(&text, "; %s", err->remedy);
    print_line(&text);
}

void app_fail(struct app *app, struct sm_err *err)
{
    if (err->message)
        print_problem(app, NULL, 0, err);
    app_raise(app, err->code);
    sm_err_clear(err);
}

void app_bad_at(struct app *app, const char *where, struct sm_err *err)
{
    print_problem(app, where, 0, err);
    app_raise(app, SM_EXIT_PARTIAL);
    sm_err_clear(err);
}

static void print_remark(struct app *app, const char *format, va_list args)
{
    sm_progress_clear(app->progress);
    struct sm_buf text = {0};
    sm_buf_printf(&text, "%s: ", app->program->name);
    sm_buf_vprintf(&text, format, args);
    print_line(&text);
}

void app_note(struct app *app, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (!app->set.quiet)
        print_remark(app, format, args);
    va_end(args);
}

void app_warn(struct app *app, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_remark(app, format, args);
    va_end(args);
}

static void report_place(void *arg, const char *name, size_t line, const struct sm_err *err)
{
    struct app *app = arg;
    print_problem(app, name, line, err);
    app_raise(app, err->code);
}

void app_open_files(struct app *app, struct sm_reader *reader, const char *const *names,
                    size_t count)
{
    sm_reader_open(reader, names, count, app->set.user, report_place, app);
}

void app_open_reader(struct app *app, struct sm_reader *reader)
{
    app_open_files(app, reader, app->files, app->file_count);
}
