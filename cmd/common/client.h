/* What programs that ask a model have besides: the client with its options, the store, the prompt
 * programs. A main opens it when it needs it, and closes it before app_end(). */
#ifndef CMD_COMMON_CLIENT_H
#define CMD_COMMON_CLIENT_H

#include "cmd/common/app.h"
#include "cmd/common/store.h"
#include "lib/llm/client.h"
#include "lib/stage/prompts.h"

struct client_options {
    const char *model, *base_url, *prompts;
    struct sm_string_list headers; /* @FILE */
    bool no_cache, replay, dry_run;
    const char *batch, *prices;
    long jobs, max_tokens, rpm, tpm, max_calls;
    double temperature; /* below 0: not given */
    double timeout, max_cost;
    struct store_options store;
};

/* The tables of client_options, and the part of it that is about prompt programs. */
extern const struct sm_opt client_opts[], prompt_opts[];

struct client {
    struct client_options set;
    bool default_temperature; /* none was given */
    bool forget;              /* see sm_llm_config; to be set before it is opened */
    struct sm_store *store;
    struct sm_llm *llm;
    struct sm_prompts *prompts;
    char *endpoint, *model; /* as in force, for the `run` record */
    bool has_key;           /* one is sent */
    char *run;              /* whose caps count */
};

#define CLIENT_DEFAULTS                                                                            \
    {                                                                                              \
        .set = {.jobs = 32, .max_tokens = 1024, .timeout = SM_TIMEOUT_S, .temperature = -1 }       \
    }

/* Opens store and client as the options, the environment and .env say, and catches signals. False
 * with `err`. */
bool client_open(struct client *client, struct app *app, struct sm_err *err);

/* Compiles the prompt programs. */
bool client_open_prompts(struct client *client, struct sm_err *err);

/* Both; false: told already. */
bool client_start(struct client *client, struct app *app);

/* Writes the `run` record; `extra` as in run_record.h. */
void client_run_record(const struct client *client, struct app *app, const char *extra);

/* A dry run's plan: appends the member ,"NAME":{…}, and tells the user whose it is and what it
 * comes to. */
void client_write_plan(const struct client *client, const char *name, const struct sm_plan *plan,
                       struct sm_buf *out);
void client_say_plan(const struct client *client, struct app *app, const char *whose,
                     const struct sm_plan *plan);

/* How many requests wait for the batch; raises the status. */
void client_say_pending(const struct client *client, struct app *app);

/* Whichever of the two is due, for programs without a `run` record; `pending`: requests that were
 * not answered. */
void client_say_postponed(const struct client *client, struct app *app, size_t pending);

/* Says with --verbose what was done, and closes what is open. */
void client_close(struct client *client, struct app *app);

#endif
