#include "cmd/common/app.h"

#include "lib/json/json.h"

#include <errno.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <math.h>
#include <signal.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#define WRITE_BYTES ((size_t)64 << 10) /* gathered before a write */

static volatile sig_atomic_t caught; /* a handler can reach nothing but a global */

#define FIELD(name) offsetof(struct app_settings, name)

static const struct sm_opt stage_options[] = {
    {0, "only", NULL, SM_OPT_FLAG, FIELD(only), 0, 0,
     "Write only the records that this program makes, not the lines that it read."},
    SM_OPT_END};

static const struct sm_opt judge_options[] = {
    {'m', "trained", "FILE", SM_OPT_TEXT, FIELD(judge.trained), 0, 0,
     "Take personas and examples from FILE, the output of sm-demosearch, instead of from the "
     "input."},
    {0, "no-persona", NULL, SM_OPT_FLAG, FIELD(judge.no_persona), 0, 0,
     "Leave the persona out of the prompt."},
    {0, "no-demos", NULL, SM_OPT_FLAG, FIELD(judge.no_demos), 0, 0,
     "Leave the examples out of the prompt."},
    {0, "votes", "N", SM_OPT_INT, FIELD(judge.votes), 1, 1000,
     "Ask N times, with temperature 0.7 unless --temperature says otherwise, and go by the share "
     "of votes. Default: 1."},
    {0, "logprobs", NULL, SM_OPT_FLAG, FIELD(judge.logprobs), 0, 0,
     "Ask for the probabilities of the reply's tokens, and go by them where the endpoint gives "
     "them. Recorded answers become about ten times as large."},
    SM_OPT_END};

static const struct sm_opt model_options[] = {
    {'M', "model", "NAME", SM_OPT_TEXT, FIELD(model), 0, 0,
     "The model, with its provider's prefix (openai/, together/, gemini/, azure/, anthropic/, "
     "openrouter/) or as the local endpoint names it. Default: SM_MODEL, else the endpoint's only "
     "model."},
    {'B', "base-url", "URL", SM_OPT_TEXT, FIELD(base_url), 0, 0,
     "The endpoint, instead of the provider's own. Default: SM_BASE_URL, else "
     "http://localhost:7410/v1 for a model without a known prefix."},
    {'H', "header", "@FILE", SM_OPT_TEXTS, FIELD(headers), 0, 0,
     "Send the header lines of FILE with every request. May be given several times."},
    {'j', "jobs", "N", SM_OPT_INT, FIELD(jobs), 1, 4096,
     "Requests in flight at once. Default: 32."},
    {0, "temperature", "T", SM_OPT_REAL, FIELD(temperature), 0, 2,
     "Sampling temperature of a first try. Default: 0."},
    {0, "max-tokens", "N", SM_OPT_INT, FIELD(max_tokens), 1, 1e6,
     "Tokens that a reply may have. Default: 1024."},
    {0, "timeout", "SECONDS", SM_OPT_REAL, FIELD(timeout), 0.1, 86400,
     "Give up an attempt that has no whole answer by then, and try again. Default: 600."},
    {0, "rpm", "N", SM_OPT_INT, FIELD(rpm), 1, 1e9,
     "Send at most N requests in any minute, all programs that share the store together."},
    {0, "tpm", "N", SM_OPT_INT, FIELD(tpm), 1, 1e12,
     "Likewise at most N tokens in any minute, of prompts and replies."},
    {0, "max-calls", "N", SM_OPT_INT, FIELD(max_calls), 1, 1e12,
     "Stop, with exit status 6, when the run has made N calls: all programs of the pipe together, "
     "or "
     "all with the same SM_RUN."},
    {0, "max-cost", "USD", SM_OPT_REAL, FIELD(max_cost), 1e-9, 1e9,
     "Likewise stop before the run costs more than USD."},
    {0, "prices", "FILE", SM_OPT_TEXT, FIELD(prices), 0, 0,
     "Prices of models, before the built-in ones: JSON objects with model, in, cached and out, in "
     "US "
     "dollars per million tokens."},
    {'n', "dry-run", NULL, SM_OPT_FLAG, FIELD(dry_run), 0, 0,
     "Ask nothing: say how many calls, tokens and US dollars it would take beyond recorded "
     "answers."},
    {0, "batch", "FILE", SM_OPT_TEXT, FIELD(batch), 0, 0,
     "Ask nothing: write the requests without a recorded answer to FILE as batch lines, and end "
     "with "
     "exit status 5."},
    {0, "replay", NULL, SM_OPT_FLAG, FIELD(replay), 0, 0,
     "Never ask the endpoint: answer from the store alone. A request that it does not know fails."},
    {0, "no-cache", NULL, SM_OPT_FLAG, FIELD(no_cache), 0, 0,
     "Neither read nor write recorded answers."},
    SM_OPT_END};

static const struct sm_opt store_options[] = {
    {0, "cache", "FILE", SM_OPT_TEXT, FIELD(cache), 0, 0,
     "The store of recorded answers. Default: SM_CACHE, else synthesizeme/store.db below "
     "XDG_CACHE_HOME or ~/.cache."},
    SM_OPT_END};

static const struct sm_opt prompt_options[] = {
    {0, "prompts", "DIR", SM_OPT_TEXT, FIELD(prompts), 0, 0,
     "Take judge.jq, persona.jq and generation.jq from DIR where they are there."},
    SM_OPT_END};

static const struct sm_opt common_options[] = {
    {0, "user", "ID", SM_OPT_TEXT, FIELD(user), 0, 0,
     "The user of lines that have no user_id. Default: user."},
    {'q', "quiet", NULL, SM_OPT_FLAG, FIELD(quiet), 0, 0, "No progress bar and no remarks."},
    {'v', "verbose", NULL, SM_OPT_FLAG, FIELD(verbose), 0, 0,
     "Say at the end what was done: users, calls, recorded answers, tokens, seconds."},
    {0, "version", NULL, SM_OPT_FLAG, FIELD(version), 0, 0, "Print the version and exit."},
    {'h', "help", NULL, SM_OPT_FLAG, FIELD(help), 0, 0, "Print this help and exit."},
    SM_OPT_END};

static const struct sm_opt hidden_options[] = {
    {0, "manual", "synopsis|options", SM_OPT_CHOICE, FIELD(manual), 0, 0, ""}, SM_OPT_END};

double app_seconds(void)
{
    return sm_clock_ms(&sm_system_clock) / 1e3;
}

static void on_signal(int number)
{
    caught = number;
}

/* A first signal ends the run in order, a second at once. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int app_interrupted(void)
{
    return caught;
}

static void set_groups(struct app *app, const struct sm_opt *own, void *settings)
{
    size_t n = 0;
    struct sm_opt_group *groups = app->groups;
    if (own)
        groups[n++] = (struct sm_opt_group){own, settings};
    if (app->needs & APP_JUDGE)
        groups[n++] = (struct sm_opt_group){judge_options, &app->set};
    if (app->needs & APP_STAGE)
        groups[n++] = (struct sm_opt_group){stage_options, &app->set};
    if (app->needs & APP_MODEL)
        groups[n++] = (struct sm_opt_group){model_options, &app->set};
    if (app->needs & (APP_STORE | APP_MODEL))
        groups[n++] = (struct sm_opt_group){store_options, &app->set};
    if (app->needs & APP_PROMPT)
        groups[n++] = (struct sm_opt_group){prompt_options, &app->set};
    groups[n++] = (struct sm_opt_group){common_options, &app->set};
    groups[n] = (struct sm_opt_group){0};
}

static bool parse(struct app *app, int argc, char **argv, struct sm_err *err)
{
    struct sm_opt_group groups[SM_OPT_GROUPS_MAX + 2] = {0};
    size_t n = 0;
    for (; app->groups[n].options; n++)
        groups[n] = app->groups[n];
    groups[n] = (struct sm_opt_group){hidden_options, &app->set};
    int first;
    if (!sm_opt_parse(groups, argc, argv, &first, err))
        return false;
    app->files = (const char *const *)argv + first;
    app->file_count = (size_t)(argc - first);
    return true;
}

/* True when the command line asked for text about the program, which is then the output. */
static bool answer(struct app *app)
{
    struct sm_buf *out = &app->output.pending;
    if (app->set.version)
        sm_buf_printf(out, "%s (synthesizeme) %s\n", app->program->name, SM_VERSION);
    else if (app->set.help)
        sm_opt_help(app->program, app->groups, out);
    else if (app->set.manual && app->set.manual[0] == 's')
        sm_opt_synopsis(app->program, app->groups, out);
    else if (app->set.manual)
        sm_opt_manual(app->groups, out);
    else
        return false;
    return app->answered = true;
}

const char *app_variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

const char *app_temp_folder(void)
{
    const char *folder = app_variable("TMPDIR");
    return folder ? folder : "/tmp";
}

static const char *runtime_folder(void)
{
    const char *folder = app_variable("XDG_RUNTIME_DIR");
    return folder ? folder : app_temp_folder();
}

/* libjq reads ~/.jq into every program that it compiles, and a prompt or a format must see nothing
 * but its input (lib/json/jq_program.h): HOME goes, and leaves behind what we need of it. */
static void leave_home(void)
{
    const char *home = app_variable("HOME");
    struct sm_buf caches = {0};
    if (home && !app_variable("XDG_CACHE_HOME")) {
        sm_buf_printf(&caches, "%s/.cache", home);
        setenv("XDG_CACHE_HOME", caches.data, 1);
        sm_buf_release(&caches);
    }
    unsetenv("HOME");
}

/* Thousands of requests come and go: memory is not given back in between, only to be asked for
 * again. */
static void keep_memory(void)
{
#ifdef M_TRIM_THRESHOLD
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    mallopt(M_TOP_PAD, 1 << 20);
#endif
}

bool app_start(struct app *app, const struct sm_program *program, const struct sm_opt *own,
               void *settings, int needs, int argc, char **argv)
{
    *app = (struct app){
        .program = program,
        .needs = needs,
        .output = {.fd = STDOUT_FILENO},
        .set = {.jobs = 32,
                .max_tokens = 1024,
                .timeout = SM_TIMEOUT_S,
                .temperature = -1,
                .judge = {.votes = 1}},
        .counted = "users",
        .started = app_seconds(),
    };
    leave_home();
    keep_memory();
    signal(SIGPIPE, SIG_IGN);
    set_groups(app, own, settings);
    struct sm_err err = {0};
    bool ok = parse(app, argc, argv, &err);
    app->user_given = app->set.user != NULL;
    app->set.user = app->user_given ? app->set.user : "user";
    if (ok && answer(app))
        return false;
    app->default_temperature = app->set.temperature < 0;
    app->set.temperature = fmax(0, app->set.temperature);
    if (ok && (needs & APP_PROMPT))
        ok = (app->prompts = sm_prompts_open(app->set.prompts, &err)) != NULL;
    if (ok && (needs & (APP_STORE | APP_MODEL)) && !(needs & APP_LAZY))
        ok = app_open_client(app, &err);
    if (!ok) {
        app_fail(app, &err);
        return false;
    }
    app->input = sm_input_open(app->files, app->file_count);
    if (needs & APP_MODEL)
        catch_signals();
    if (!app->set.quiet)
        app->progress = sm_progress_open(program->name, STDERR_FILENO, runtime_folder(), NULL);
    return true;
}

static void finish_output(struct app *app)
{
    struct sm_err err = {0};
    if (!sm_output_drain(&app->output, true, &err))
        app_fail(app, &err);
    if (close(STDOUT_FILENO) != 0 && errno != EBADF && !app->output.broken) {
        sm_err_set(&err, SM_EXIT_INPUT, "make room and run the same command again",
                   "cannot write output: %s", strerror(errno));
        app_fail(app, &err);
    }
}

static void say_totals(struct app *app)
{
    if (!app->set.verbose || app->answered)
        return;
    double seconds = app_seconds() - app->started;
    if (!app->llm) {
        app_note(app, "%zu %s, %.1f s", app->users, app->counted, seconds);
        return;
    }
    struct sm_llm_totals t = sm_llm_totals(app->llm);
    struct sm_buf cost = {0};
    if (!isnan(t.cost))
        sm_buf_printf(&cost, "%.4f US dollars, ", t.cost);
    app_note(app,
             "%zu %s, %lld calls, %lld recorded answers, %lld retries, %lld failed, %lld + %lld "
             "tokens, %s%.1f s",
             app->users, app->counted, (long long)t.calls, (long long)t.hits + (long long)t.shared,
             (long long)t.retries, (long long)t.failed, (long long)t.usage.in,
             (long long)t.usage.out, sm_buf_text(&cost), seconds);
    sm_buf_release(&cost);
}

int app_end(struct app *app)
{
    struct sm_err err = {0};
    finish_output(app);
    sm_progress_close(app->progress);
    app->progress = NULL;
    say_totals(app);
    sm_llm_close(app->llm);
    if (!sm_store_close(app->store, &err))
        app_fail(app, &err);
    sm_prompts_close(app->prompts);
    sm_input_close(app->input);
    sm_buf_release(&app->output.pending);
    free(app->set.headers.at);
    free(app->endpoint);
    free(app->model);
    free(app->run);
    return app->status;
}

bool app_next(struct app *app, struct sm_record *record, const char **line, size_t *len)
{
    struct sm_err err = {0};
    for (;;) {
        enum sm_read what = sm_input_next(app->input, true, line, len, &err);
        if (what == SM_READ_END)
            return false;
        if (what == SM_READ_LINE && sm_record_parse(*line, *len, app->set.user, record, &err))
            return true;
        if (what == SM_READ_FAIL)
            app->status = SM_EXIT_INPUT;
        app_bad_line(app, &err);
    }
}

bool app_write(struct app *app, const char *data, size_t len)
{
    struct sm_err err = {0};
    if (app->output.broken)
        return false;
    sm_buf_add(&app->output.pending, data, len);
    if (app->output.pending.len < WRITE_BYTES || sm_output_drain(&app->output, true, &err))
        return true;
    app_fail(app, &err);
    return false;
}

static void report(void *arg, struct sm_err *err, bool line)
{
    struct app *app = arg;
    if (line && err->code == SM_EXIT_INPUT && sm_input_line(app->input) == 0)
        app->status = SM_EXIT_INPUT; /* a whole file could not be read */
    if (line)
        app_bad_line(app, err);
    else
        app_fail(app, err);
}

bool app_stage(struct app *app, struct sm_stage *stage)
{
    struct sm_err err = {0};
    stage->llm = app->llm;
    stage->default_user = app->set.user;
    stage->only |= app->set.only;
    stage->progress = app->progress;
    stage->interrupted = &caught;
    stage->report = report;
    stage->report_arg = app;
    bool ok = sm_stage_run(stage, app->input, &app->output, &err);
    app->users = stage->users;
    if (!ok)
        app_fail(app, &err);
    return ok;
}
