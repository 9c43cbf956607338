/* What programs that ask a model also have: the client with its options, the store, the prompt
 * programs. A main opens it when needed, and closes it before app_end(). */
#ifndef CMD_COMMON_CLIENT_H
#define CMD_COMMON_CLIENT_H

#include "cmd/common/app.h"
#include "cmd/common/store.h"
#include "lib/llm/client.h"
#include "lib/stage/endings.h"
#include "lib/stage/prompts.h"

struct client_options {
    const char *model, *base_url, *store_as, *prompts, *api_key_file;
    struct sm_string_list headers; /* @FILE */
    const char *body;
    struct sm_string_list members; /* NAME=VALUE */
    bool no_cache, replay, dry_run, insecure_http, gateway_members;
    const char *batch, *batch_form, *prices;
    long jobs, max_tokens, rpm, tpm, max_calls;
    double temperature; /* below 0: not given */
    double timeout, max_cost;
    struct store_options store;
};

/* The options that fill client_options, those about prompt programs apart. */
extern const struct sm_opt client_opts[], prompt_opts[];

struct client {
    struct client_options set;
    bool default_temperature; /* no temperature was given */
    bool forget;              /* see sm_llm_config; set it before opening */
    bool only_writes;         /* requests are printed, never sent; set it before opening */
    bool keeps_keys;          /* they are needed to open another one; set it before opening */
    int64_t places;           /* whose: other ones than those of the pipe; or 0 */
    bool describes;           /* its questions are not for verdicts, which would be ties */
    struct sm_store *store;
    struct sm_llm *llm;
    struct sm_prompts *prompts;
    char *endpoint, *model; /* as used, for the `run` record */
    bool has_key;           /* a key or a header is sent */
    jv members;             /* of --body and --set: an object, or all-zero before opening */
    char *run;              /* the name of the run whose caps apply */
    struct sm_endings
        endings; /* of the questions asked; client_close() says those without answer */
};

#define CLIENT_DEFAULTS                                                                            \
    {                                                                                              \
        .set = {.jobs = 32, .max_tokens = 1024, .timeout = SM_TIMEOUT_S, .temperature = -1 }       \
    }

/* Opens store and client according to the options, the environment and .env, and catches signals.
 * False with `err`. */
bool client_open(struct client *client, struct app *app, struct sm_err *err);

/* Opens one for another model, perhaps elsewhere, with the options and the store of `client`, which
 * must be open and outlive it. `base_url` is NULL for the same one, or the provider's: else no
 * header and no key file goes there. False with `err`. */
bool client_open_beside(struct client *beside, const struct client *client, const char *model,
                        const char *base_url, struct app *app, struct sm_err *err);
void client_close_beside(struct client *beside);

/* Compiles the prompt programs. False with `err`. */
bool client_open_prompts(struct client *client, struct sm_err *err);

/* Both. False if one failed, which was reported. */
bool client_start(struct client *client, struct app *app);

/* Writes the `run` record; `extra` as in run_record.h. */
void client_run_record(const struct client *client, struct app *app, const char *extra);

/* A dry run's plan: appends it as the member ,"NAME":{…}; says it to the user, behind `whose`. */
void client_write_plan(const struct client *client, const char *name, const struct sm_plan *plan,
                       struct sm_buf *out);
void client_say_plan(const struct client *client, struct app *app, const char *whose,
                     const struct sm_plan *plan);

/* Says how many requests wait for the batch, and raises the exit status. */
void client_say_pending(const struct client *client, struct app *app);

/* Says the plan or what is pending, whichever applies, for programs without a `run` record.
 * `pending` is how many requests were not answered. */
void client_say_postponed(const struct client *client, struct app *app, size_t pending);

/* With --verbose, says what was done. Closes what is open. */
void client_close(struct client *client, struct app *app);

#endif
