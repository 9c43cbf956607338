#include "cmd/common/app.h"

#include "cmd/common/environment.h"
#include "lib/base/clock.h"
#include "lib/io/color.h"

#include <errno.h>
#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stddef.h>
#include <unistd.h>

#define WRITE_BYTES ((size_t)64 << 10) /* gathered before a write */

static volatile sig_atomic_t caught; /* a handler can only reach a global */

#define FIELD(name) offsetof(struct app_options, name)

static const struct sm_opt common_options[] = {
    {0, "user", "ID", SM_OPT_TEXT, FIELD(user), 0, 0,
     "The user of lines that have no user_id. Default: user."},
    {0, "color", "auto|always|never", SM_OPT_CHOICE, FIELD(color), 0, 0,
     "Color messages, help, tables and the progress bar. Default: auto, on a terminal, unless "
     "NO_COLOR is set."},
    {'q', "quiet", NULL, SM_OPT_FLAG, FIELD(quiet), 0, 0, "No progress bar and no remarks."},
    {'v', "verbose", NULL, SM_OPT_FLAG, FIELD(verbose), 0, 0,
     "Say at the end what was done: users, calls, recorded answers, tokens, seconds."},
    {0, "version", NULL, SM_OPT_FLAG, FIELD(version), 0, 0, "Print the version and exit."},
    {'h', "help", NULL, SM_OPT_FLAG, FIELD(help), 0, 0, "Print this help and exit."},
    SM_OPT_END};

static const struct sm_opt shard_options[] = {
    {0, "shard", "K/N", SM_OPT_TEXT, FIELD(shard), 0, 0,
     "Read only the users of share K of N, by a digest of their ids: K from 0 to N, where 0 and N "
     "are the same share. Default: all users."},
    SM_OPT_END};

static const struct sm_opt title[] = {SM_OPT_TITLED("General"), SM_OPT_END};

static const struct sm_opt hidden_options[] = {
    {0, "manual", "synopsis|options", SM_OPT_CHOICE, FIELD(manual), 0, 0, ""}, SM_OPT_END};

static void on_signal(int number)
{
    caught = number;
}

void app_catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int app_interrupted(void)
{
    return caught;
}

const volatile sig_atomic_t *app_signal(void)
{
    return &caught;
}

/* A file opened while a standard descriptor is closed would take its number, and messages or
 * records would end up in it. Input and output that are closed stay unusable: reading and writing
 * fail, which is reported. Messages go nowhere. */
static void occupy_descriptors(void)
{
    static const int modes[] = {O_WRONLY, O_RDONLY, O_WRONLY};
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) < 0)
            _exit(SM_EXIT_INPUT);
    }
}

/* libjq aborts where it finds itself wrong, which only a jq program from outside makes it do. */
static void on_abort(int number)
{
    static const char text[] =
        "ended by libjq, which a jq program (of --map or --prompts) has led to a state that it "
        "does not expect: mend that program\n";
    (void)number;
    ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
    (void)ignored;
    _exit(SM_EXIT_INPUT);
}

/* Thousands of requests come and go: memory is kept between them, not given back. */
static void keep_memory(void)
{
#ifdef M_TRIM_THRESHOLD
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    mallopt(M_TOP_PAD, 1 << 20);
#endif
}

static bool parse_options(struct app *app, const struct sm_opt_group *groups, int argc, char **argv,
                          struct sm_err *err)
{
    struct sm_opt_group all[SM_OPT_GROUPS_MAX + 2] = {0};
    size_t n = 0;
    for (; groups[n].options; n++)
        app->groups[n] = groups[n];
    app->groups[n++] = (struct sm_opt_group){title, NULL};
    if (app->program->of_users)
        app->groups[n++] = (struct sm_opt_group){shard_options, &app->set};
    app->groups[n++] = (struct sm_opt_group){common_options, &app->set};
    memcpy(all, app->groups, sizeof app->groups);
    all[n] = (struct sm_opt_group){hidden_options, &app->set};
    int first;
    if (!sm_opt_parse(all, argc, argv, &first, err) ||
        (app->set.shard && !sm_shard_parse(app->set.shard, &app->shard, err)))
        return false;
    app->files = (const char *const *)argv + first;
    app->file_count = (size_t)(argc - first);
    return true;
}

/* True if the command line asked for text about the program, which is then the output. */
static bool answer_help(struct app *app)
{
    struct sm_buf out = {0};
    if (app->set.version)
        sm_buf_printf(&out, "%s (synthesizeme) %s\n", app->program->name, SM_VERSION);
    else if (app->set.help)
        sm_opt_help(app->program, app->groups, app->color, &out);
    else if (app->set.manual && app->set.manual[0] == 's')
        sm_opt_synopsis(app->program, app->groups, &out);
    else if (app->set.manual)
        sm_opt_manual(app->groups, &out);
    else
        return false;
    app_write_shown(app, sm_buf_text(&out), out.len);
    sm_buf_release(&out);
    return app->answered = true;
}

static void choose_colors(struct app *app)
{
    const char *no_color = env_variable("NO_COLOR"), *term = env_variable("TERM");
    app->color = sm_color_on(app->set.color, app->output.terminal, no_color, term);
    app->color_messages = sm_color_on(app->set.color, isatty(STDERR_FILENO), no_color, term);
}

static void open_progress(struct app *app)
{
    const struct sm_progress_look look = {.color = app->color_messages,
                                          .able = sm_term_is_able(env_variable("TERM"))};
    app->progress =
        sm_progress_open(app->program->name, STDERR_FILENO, env_variable("XDG_RUNTIME_DIR"),
                         env_temp_folder(), &look, NULL);
    if (app->output.terminal)
        app->output.progress = app->progress;
}

bool app_start(struct app *app, const struct sm_program *program, const struct sm_opt_group *groups,
               int argc, char **argv)
{
    *app = (struct app){
        .program = program,
        .output = {.fd = STDOUT_FILENO, .terminal = isatty(STDOUT_FILENO)},
        .counted = "users",
        .started_ms = sm_clock_ms(NULL),
    };
    occupy_descriptors();
    env_leave_home();
    keep_memory();
    app_catch_libjq();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGABRT, on_abort);
    struct sm_err err = {0};
    bool ok = parse_options(app, groups, argc, argv, &err);
    choose_colors(app);
    app->user_given = app->set.user != NULL;
    app->set.user = app->user_given ? app->set.user : "user";
    if (!ok)
        app_fail(app, &err);
    if (!ok || answer_help(app))
        return false;
    if (!app->set.quiet)
        open_progress(app);
    return true;
}

double app_elapsed(const struct app *app)
{
    return (sm_clock_ms(NULL) - app->started_ms) / 1e3;
}

const char *app_operand(struct app *app)
{
    if (app->file_count == 0)
        return NULL;
    app->file_count--;
    return *app->files++;
}

void app_finish(struct app *app)
{
    struct sm_err err = {0};
    if (app->finished)
        return;
    app->finished = true;
    sm_progress_yield(app->progress); /* the reader may take its time */
    if (!sm_output_drain(&app->output, true, &err))
        app_fail(app, &err);
    sm_progress_close(app->progress); /* before another program sees the end, and speaks */
    app->progress = NULL;
    app->output.progress = NULL;
    if (close(STDOUT_FILENO) != 0 && errno != EBADF && !app->output.broken) {
        sm_err_set(&err, SM_EXIT_INPUT, "make room and run the same command again",
                   "cannot write output: %s", strerror(errno));
        app_fail(app, &err);
    }
}

void app_tally(struct app *app, const char *more)
{
    if (app->set.verbose && !app->answered && !app->tallied)
        app_note(app, "%zu %s%s, %.1f s", app->users, app->counted, more ? more : "",
                 app_elapsed(app));
    app->tallied = true;
}

int app_end(struct app *app)
{
    app_finish(app);
    app_tell_more(app);
    app_tally(app, NULL);
    sm_buf_release(&app->output.pending);
    app_let_others_stop(app);
    return app->status;
}

static bool write_much(struct app *app)
{
    struct sm_err err = {0};
    if (app->output.pending.len < WRITE_BYTES || sm_output_drain(&app->output, true, &err))
        return true;
    app_fail(app, &err);
    return false;
}

bool app_write(struct app *app, const char *data, size_t len)
{
    if (app->output.broken)
        return false;
    sm_buf_add(&app->output.pending, data, len);
    return write_much(app);
}

bool app_write_shown(struct app *app, const char *data, size_t len)
{
    if (app->output.broken)
        return false;
    sm_output_add_shown(&app->output, data, len);
    return write_much(app);
}
