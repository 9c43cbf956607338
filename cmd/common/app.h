/* What all programs of the suite share: options, messages, exit status, output, signals. Only this
 * folder prints, reads the environment and handles signals. A main calls app_start(), does its
 * work, and calls app_end(). */
#ifndef CMD_COMMON_APP_H
#define CMD_COMMON_APP_H

#include "lib/base/err.h"
#include "lib/base/mem.h"
#include "lib/io/opt.h"
#include "lib/io/progress.h"
#include "lib/io/reader.h"
#include "lib/io/stream.h"

#include <signal.h>
#include <stdbool.h>

/* The options that every program takes. */
struct app_options {
    const char *user;  /* for records without user_id */
    const char *shard; /* K/N, or NULL */
    bool quiet, verbose, version, help;
    const char *color;  /* auto, always, never, or NULL */
    const char *manual; /* hidden: prints that part of the man page */
};

struct app {
    const struct sm_program *program;
    struct sm_opt_group groups[SM_OPT_GROUPS_MAX + 1]; /* the program's, then the common ones */
    struct app_options set;
    bool user_given;          /* --user was given */
    struct sm_shard shard;    /* of --shard */
    const char *const *files; /* the operands that are not taken yet */
    size_t file_count;
    struct sm_output output;
    bool color, color_messages; /* output, and messages */
    struct sm_progress *progress;
    int status;             /* the exit status so far */
    double started_ms;      /* on the monotonic clock */
    size_t users;           /* how many were worked on, for --verbose */
    const char *counted;    /* what `users` counts */
    bool answered;          /* --help or --version was given: nothing else to do */
    size_t places_told;     /* problems of lines and rows: see messages.c */
    bool told_of_users;     /* problems of users are told as those of lines are, the first only */
    const char *on_stop;    /* see app_tell_stop() */
    bool told_stop;         /* this program has said it */
    bool told_terminal;     /* see app_tell_terminal() */
    bool finished, tallied; /* see app_finish(), app_tally() */
};

/* Parses the command line into `groups` (ended by one without options) and app->set, and answers
 * --help and --version. If it returns false, return app_end() at once. */
bool app_start(struct app *app, const struct sm_program *program, const struct sm_opt_group *groups,
               int argc, char **argv);

/* Writes what is pending, frees, and returns the exit status. */
int app_end(struct app *app);

/* The first part of app_end(), for programs that must close or say something behind the output:
 * writes what is pending and removes the progress line. Only the first call does it. */
void app_finish(struct app *app);

/* With --verbose, says how many users were worked on, `more` (", 12 calls", or NULL) and the
 * seconds. Only the first call does it, at the latest that of app_end(). */
void app_tally(struct app *app, const char *more);

/* Seconds since app_start(). */
double app_elapsed(const struct app *app);

/* Takes the next operand off app->files; NULL if there is none. */
const char *app_operand(struct app *app);

/* Prints "PROGRAM: MESSAGE; REMEDY" and raises the exit status to err->code. Clears `err`. Of the
 * programs of a pipe that are ended by the same error at about the same time, one prints it. */
void app_fail(struct app *app, struct sm_err *err);

/* The same for a problem at `where`, which names a file with a line or a row. The exit status
 * becomes at least 1. Of very many such problems only the first are printed, unless --verbose. */
void app_bad_at(struct app *app, const char *where, struct sm_err *err);

/* Once, where `name` is "-" and that is a terminal: says that the program waits for input. */
void app_tell_terminal(struct app *app, const char *name);

/* Opens a reader over app->files that reports to app. */
void app_open_reader(struct app *app, struct sm_reader *reader);

/* The same over other files, which are borrowed. */
void app_open_files(struct app *app, struct sm_reader *reader, const char *const *names,
                    size_t count);

/* Raises the exit status. What ends a run outranks "some failed"; the first such reason stays. */
void app_raise(struct app *app, int code);

/* Says how many problems of lines were not printed, if any. */
void app_tell_more(struct app *app);

/* Prints a remark that changes no status; nothing with -q. */
void app_note(struct app *app, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, but of the programs of a pipe only one prints it. */
void app_note_once(struct app *app, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same even with -q: something that the user did not ask for but should know. */
void app_warn(struct app *app, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends to standard output, and writes once enough has gathered. False once the output is broken,
 * which is reported. */
bool app_write(struct app *app, const char *data, size_t len);

/* The same for a text that is printable, or colored. */
bool app_write_shown(struct app *app, const char *data, size_t len);

/* From now on the program ends as sm_out_of_memory() does if libjq runs out of memory, too. */
void app_catch_libjq(void);

/* What app_fail() says if a signal ends the program, once for all programs of a pipe; literal. */
void app_tell_stop(struct app *app, const char *text);

/* If this program has said it: stays, at most 2 s, until the other programs that it holds for have
 * noticed, so that they find it said. The last thing that a program does. */
void app_let_others_stop(const struct app *app);

/* From now on a first SIGINT or SIGTERM only asks the program to end; a second one ends it. */
void app_catch_signals(void);

/* The signal that asked the program to end, or 0; and where it is kept. */
int app_interrupted(void);
const volatile sig_atomic_t *app_signal(void);

#endif
