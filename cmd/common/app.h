/* What every program of the suite does alike: options, messages, exit status, the descriptors, and
 * for those that ask a model the client. This layer alone prints, reads the environment and knows
 * signals. A main is: app_start(), the stage, app_end(). */
#ifndef CMD_COMMON_APP_H
#define CMD_COMMON_APP_H

#include "lib/base/err.h"
#include "lib/base/mem.h"
#include "lib/io/opt.h"
#include "lib/io/progress.h"
#include "lib/io/stream.h"
#include "lib/json/record.h"
#include "lib/llm/client.h"
#include "lib/stage/prompts.h"
#include "lib/stage/stage.h"
#include "lib/store/store.h"

#include <stdbool.h>

/* Option groups besides the program's own, to be or'ed. */
enum app_needs {
    APP_PLAIN = 0,  /* --user, -q, -v, --version, --help */
    APP_STORE = 1,  /* --cache */
    APP_MODEL = 2,  /* the client: --model, --base-url, …; implies APP_STORE */
    APP_STAGE = 4,  /* --only */
    APP_PROMPT = 8, /* --prompts */
    APP_LAZY = 16,  /* the program opens the client itself, if it needs it */
    APP_JUDGE = 32, /* --trained, --votes, …, see judging.h */
};

/* A user's judge, and how it is asked. */
struct app_judge {
    const char *trained;
    bool no_persona, no_demos, logprobs;
    long votes;
};

struct app_settings {
    const char *user; /* for records without user_id */
    bool quiet, verbose, version, help, only;
    const char *manual; /* hidden: print that part of the man page */
    const char *model, *base_url, *cache, *prompts;
    struct sm_texts headers; /* @FILE */
    bool no_cache, replay, dry_run;
    const char *batch, *prices;
    long jobs, max_tokens, rpm, tpm, max_calls;
    double temperature; /* below 0: not given, until app_start() returns */
    double timeout, max_cost;
    struct app_judge judge;
};

struct app {
    const struct sm_program *program;
    struct sm_opt_group groups[SM_OPT_GROUPS_MAX + 1];
    struct app_settings set;
    const char *const *files; /* the operands */
    size_t file_count;
    struct sm_input *input; /* over the operands, opened by app_start() */
    struct sm_output output;
    struct sm_progress *progress;
    struct sm_store *store;
    enum sm_store_use store_use; /* to be set before it is opened */
    struct sm_prompts *prompts;
    struct sm_llm *llm;
    char *endpoint, *model;   /* as in force, for the `run` record */
    bool has_key;             /* one is sent */
    bool user_given;          /* --user was */
    char *run;                /* whose caps count */
    bool default_temperature; /* none was given */
    bool forget;              /* see sm_llm_config; to be set before the client is opened */
    size_t users;             /* worked on, for --verbose */
    const char *counted;      /* what `users` are */
    int status;               /* the exit status so far */
    double started;           /* seconds on the monotonic clock */
    int needs;
    bool answered; /* --help or --version was given: nothing else to do */
};

/* Parses the options into `settings` (by table `own`, which may be NULL) and the common ones into
 * app->set. Answers --help, --version. False: return app_end() at once. With APP_PROMPT the prompts
 * are compiled, with APP_STORE the store is opened, with APP_MODEL the client too. */
bool app_start(struct app *app, const struct sm_program *program, const struct sm_opt *own,
               void *settings, int needs, int argc, char **argv);

/* Writes what is pending, closes everything, frees; the exit status. */
int app_end(struct app *app);

/* Prints "PROGRAM: MESSAGE; REMEDY" and raises the exit status to err->code. Clears `err`. */
void app_fail(struct app *app, struct sm_err *err);

/* The same for a line of the input: "PROGRAM: FILE:LINE: …"; the status becomes at least 1. */
void app_bad_line(struct app *app, struct sm_err *err);

/* The same for what is at `where`, a file with a line or a row by another name. */
void app_bad_at(struct app *app, const char *where, struct sm_err *err);

/* Raises the exit status: what ends a run outranks "some failed", and the first such reason stays.
 */
void app_raise(struct app *app, int code);

/* Seconds on the clock of app->started. */
double app_seconds(void);

/* A remark that changes no status; nothing with -q. */
void app_note(struct app *app, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, with -q too: something that the user did not ask for and should know. */
void app_warn(struct app *app, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The next line of the input that parses, for programs that read without a client. Bad lines are
 * reported on the way. *line is borrowed until the next call, *record is the caller's. */
bool app_next(struct app *app, struct sm_record *record, const char **line, size_t *len);

/* Appends to standard output, in order; writes when enough has gathered. False once the output is
 * broken (which is reported). */
bool app_write(struct app *app, const char *data, size_t len);

/* Runs a stage over the input; false if it ended early. */
bool app_stage(struct app *app, struct sm_stage *stage);

/* The same, and writes the `run` record (run_record.c). */
void app_run_stage(struct app *app, struct sm_stage *stage);

/* Opens app->store and, with APP_MODEL, app->llm as the settings say (client.c). */
bool app_open_client(struct app *app, struct sm_err *err);

/* The certificates to trust instead of the system's, as curl(1) has it; NULL where none is named.
 */
void app_certificates(const char **file, const char **path);

/* A variable of the environment; NULL if it is not set, or empty. */
const char *app_variable(const char *name);

/* Where temporary files go: TMPDIR, else /tmp. */
const char *app_temp_folder(void);

/* A folder of ours below XDG_CACHE_HOME or ~/.cache, for the caller to free. */
char *app_cache_path(const char *name);

/* The signal that asked the program to end, or 0. */
int app_interrupted(void);

/* What a dry run found, or how many of the requests wait for a batch: a remark, and for a batch the
 * exit status. For programs without a `run` record (run_record.c). */
void app_tell_postponed(struct app *app, size_t pending);

/* Appends this program's `run` record; `extra` is NULL or further members (",\"k\":v"). */
void app_run_record(struct app *app, const char *extra);

#endif
