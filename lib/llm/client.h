/* The LLM client: requests to one OpenAI-compatible endpoint, many in flight on one thread. It
 * retries failures, takes known answers from the store, and records there what it pays for. */
#ifndef SM_LLM_CLIENT_H
#define SM_LLM_CLIENT_H

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/llm/completion.h"
#include "lib/llm/price.h"
#include "lib/store/batch_form.h"
#include "lib/store/limits.h"
#include "lib/store/store.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sm_llm;

/* Who answers what the store cannot. */
enum sm_llm_mode {
    SM_LLM_SEND,   /* the endpoint */
    SM_LLM_REPLAY, /* nobody: the request fails, SM_EXIT_REPLAY */
    SM_LLM_BATCH,  /* whoever answers the lines of a file: the request fails, SM_EXIT_PENDING */
    SM_LLM_PLAN,   /* nobody, but it is counted: the request fails, SM_EXIT_PENDING */
};

#define SM_TIMEOUT_S 600.0

/* Hears what the user should know while a run goes on: what was learned of the endpoint, for what
 * it is waited. `text` is one line, borrowed during the call. */
typedef void sm_tell_fn(void *arg, const char *text);

struct sm_llm_config {
    const char *endpoint;      /* base URL; requests go to ENDPOINT/chat/completions */
    const char *url;           /* the full request URL if it is another one, or NULL */
    const char *const *others; /* base URLs of further endpoints that have the same model: calls are
                                  spread over all of them */
    size_t other_count;
    const char *whose; /* who answers, for the store's keys: a name; "": whoever has the model, so
                          that an answer serves at each of a model's endpoints; NULL: the URL */
    const char *model; /* as sent */
    const char *key;   /* or NULL; sent as a bearer token, or as `api-key` */
    bool api_key_header;
    bool reasoning;      /* the model is known to take no temperature, max_tokens or logprobs */
    bool logprobs_count; /* the endpoint's `logprobs` is a number: see provider.h */
    const jv *members;   /* an object, merged into every chat's body; or NULL; borrowed */
    const char *const *headers; /* "Name: value" */
    size_t header_count;
    long jobs;                     /* requests in flight, at most SM_PLACES_MAX: of all programs
                                      with the same `pipe` that share the store */
    int64_t pipe;                  /* a process group */
    long max_tokens;               /* of a reply */
    double timeout_s;              /* of one attempt; 0: SM_TIMEOUT_S */
    const char *ca_file, *ca_path; /* certificates to trust instead of the system's, or NULL */
    const char *proxy; /* for messages: the variable and the URL of the proxy in force, or NULL */
    enum sm_llm_mode mode;
    const char *batch; /* the file of SM_LLM_BATCH */
    enum sm_batch_form batch_form;
    bool forget;              /* ignore recorded answers and known capabilities */
    struct sm_price price;    /* of `model` */
    const char *prices;       /* where those of other models are: see sm_price_find(); or NULL */
    const char *price_prefix; /* the provider's, as prices name its models: "openai/"; or NULL */
    struct sm_limits limits;
    sm_tell_fn *tell; /* or NULL */
    void *tell_arg;
    const volatile sig_atomic_t *interrupted; /* a signal's number, or 0; borrowed; or NULL */
    const struct sm_clock *clock;             /* borrowed; NULL: the system's */
};

struct sm_llm_totals {
    int64_t calls;         /* answered by the endpoint */
    int64_t hits;          /* answered by the store */
    int64_t shared;        /* answered by an identical request that was in flight */
    int64_t retries;       /* failed attempts that were repeated */
    int64_t failed;        /* requests without an answer, but for `pending` */
    int64_t pending;       /* left to a batch, or planned */
    int64_t waiting;       /* asked, not yet answered */
    struct sm_usage usage; /* of `calls` */
    double cost;         /* of `calls`, US dollars, those that tell no tokens at the most that they
                            can have cost; NAN if a price is unknown */
    struct sm_plan plan; /* of `pending` */
};

/* An answer. Everything is borrowed during the callback. */
struct sm_reply {
    const struct sm_err *error; /* if not NULL, only `tried`, `key` and `model` are set */
    unsigned tried;             /* attempts made */
    const struct sm_completion *completion; /* NULL for a post */
    const char *response; /* the endpoint's JSON object; of a post, what was kept of it */
    size_t response_len;
    const char *key;   /* the request's, in the store */
    const char *model; /* as sent; lives as long as the client */
    double ms;         /* how long the paid call took */
};

typedef void sm_reply_fn(void *arg, const struct sm_reply *reply);

/* A request that is not a chat: it goes to another path of the server, and `accept` reads the
 * answers. Must outlive the calls. */
struct sm_post {
    const char *path; /* "/completions" */
    bool at_root;     /* below the server's root, which is the base URL without a trailing /v1; else
                         below the base URL */
    /* Whether `body` is an answer. Appends what is recorded and handed out in its place to `kept`,
     * and sets `usage`. */
    bool (*accept)(void *arg, const char *body, size_t len, struct sm_buf *kept,
                   struct sm_usage *usage);
    const char *refused; /* what is wrong with an answer that is not accepted, for a message */
    bool transient; /* a step on the way to an answer: neither recorded nor counted nor limited */
    /* Instead of `accept`, of posts that may be sent together: their bodies are alike up to
     * `body_prefix`, then have an item of a list each, and end with "]}". Reads the answer to
     * `parts` of them, appends what is kept for each, and sets its usage. NULL, or what is wrong
     * with the answer, a literal. */
    const char *(*divide)(const char *body, size_t len, size_t parts, struct sm_buf *kept,
                          struct sm_usage *usage);
};

struct sm_ask {
    char *messages;             /* a JSON array of {role, content}; consumed by sm_llm_ask() */
    const struct sm_post *post; /* or NULL: a chat */
    char *body;                 /* of a post, instead of messages and what follows; consumed */
    size_t body_prefix;         /* about how many bytes it shares with other posts: see below */
    char *identity; /* of a post: what the store knows it by instead of the body, or NULL;
                       consumed */
    void *post_arg; /* for post->accept(); borrowed until the answer */
    const char *schema_name, *schema; /* JSON schema of the reply, or NULL; must outlive the call */
    double temperature;               /* NAN: not sent */
    int64_t sample;                   /* different for independent samples of one request */
    bool logprobs;                    /* asks for the probabilities of the reply's tokens */
    /* How the request differs from the client's own; borrowed until the answer. */
    const char *model; /* or NULL */
    long max_tokens;   /* or 0 */
    const jv *members; /* an object, further members of the body; or NULL */
};

/* Opens a client. Copies the configuration, but borrows limits.run, the clock and `store` for its
 * life. `store` may be NULL: then nothing is recorded. NULL with `err` on failure. */
struct sm_llm *sm_llm_open(const struct sm_llm_config *config, struct sm_store *store,
                           struct sm_err *err);
void sm_llm_close(struct sm_llm *llm);

/* Whether the store has the answer to a post; only its `identity` or body is looked at, and stays
 * the caller's. */
bool sm_llm_recorded(struct sm_llm *llm, const struct sm_ask *ask);

/* Queues a request. A later sm_llm_turn() calls `reply`, never this function.
 *
 * Requests are sent in the order of asking, except that those which begin like the last one sent
 * follow it (by their messages but the last, or by `body_prefix`): a server need not read again
 * what it has just read. An older request lets at most 256 others pass. */
void sm_llm_ask(struct sm_llm *llm, const struct sm_ask *ask, sm_reply_fn *reply, void *arg);

/* Appends the body with which `ask`, a chat that is only borrowed, would be sent. */
void sm_llm_request(struct sm_llm *llm, const struct sm_ask *ask, struct sm_buf *body);

/* From now on the first calls to an unknown endpoint go out together, instead of one that proves
 * it. That saves a round trip, but what the endpoint refuses is then refused for each of them. */
void sm_llm_skip_probe(struct sm_llm *llm);

/* One turn: delivers answers, starts what can start, commits the store, then waits until a transfer
 * moves, one of the `extra` descriptors (at most 4) is ready, or `timeout_ms` is over (-1: a
 * minute). False with `err` if the store cannot be written. */
bool sm_llm_turn(struct sm_llm *llm, struct pollfd *extra, unsigned count, int timeout_ms,
                 struct sm_err *err);

/* From now on nothing new is sent. Waiting requests fail as interrupted (SM_EXIT_PARTIAL); those in
 * flight end normally. */
void sm_llm_stop(struct sm_llm *llm);

/* If not NULL, no further call can be made, and whatever the store cannot answer fails with this:
 * the endpoint refused for good (key, quota, model), it cannot be reached, or a cap is reached. */
const struct sm_err *sm_llm_fatal(const struct sm_llm *llm);

/* Forgets that: the next request is tried as if nothing had been. */
void sm_llm_forgive(struct sm_llm *llm);

struct sm_llm_totals sm_llm_totals(const struct sm_llm *llm);

/* How many requests wait to be sent, or for the next sm_llm_turn() to deliver their answers. */
size_t sm_llm_backlog(const struct sm_llm *llm);

/* Appends the members of a request that the client's own model does not take, as a JSON array. */
void sm_llm_unsupported(const struct sm_llm *llm, struct sm_buf *out);

/* What tokens cost, in US dollars; NAN if the price is unknown. */
double sm_llm_cost(const struct sm_llm *llm, const struct sm_usage *usage);

/* The configuration as given. Its strings may be gone; its numbers, modes and prices are there. */
const struct sm_llm_config *sm_llm_config(const struct sm_llm *llm);

/* Who answers, as the store's keys have it; borrowed. */
const char *sm_llm_whose(const struct sm_llm *llm);

/* Appends the names of the endpoint's models, at least one, each with a newline. Waits for the
 * answer. False with `err` if none comes, or it names none. */
bool sm_llm_models(struct sm_llm *llm, struct sm_buf *names, struct sm_err *err);

/* Appends the first few of such names, and how many more there are, for a message. */
void sm_llm_write_names(const char *names, struct sm_buf *out);

#endif
