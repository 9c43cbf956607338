/* The LLM client: chat requests to one OpenAI-compatible endpoint, many in flight on one thread,
 * retried, answered from the store where it knows the answer, and recorded there when paid. */
#ifndef SM_LLM_CLIENT_H
#define SM_LLM_CLIENT_H

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/llm/completion.h"
#include "lib/llm/price.h"
#include "lib/store/limits.h"
#include "lib/store/store.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sm_llm;

/* Where answers come from that the store does not have. */
enum sm_llm_mode {
    SM_LLM_SEND,   /* the endpoint */
    SM_LLM_REPLAY, /* nowhere: the request fails, SM_EXIT_REPLAY */
    SM_LLM_BATCH,  /* whoever answers the lines of a file: the request fails, SM_EXIT_PENDING */
    SM_LLM_PLAN,   /* nowhere, but it is counted: the request fails, SM_EXIT_PENDING */
};

#define SM_TIMEOUT_S 600.0

struct sm_llm_config {
    const char *endpoint; /* base URL; requests go to ENDPOINT/chat/completions */
    const char *url;      /* the full request URL where it is another, or NULL */
    const char *model;    /* as sent */
    const char *key;      /* or NULL; sent as a bearer token, or as `api-key` */
    bool api_key_header;
    bool reasoning;             /* a model known to take no temperature and no max_tokens */
    bool logprobs_count;        /* its `logprobs` is a number, see provider.h */
    const char *const *headers; /* "Name: value", borrowed during the open */
    size_t header_count;
    long jobs;                     /* requests in flight */
    long max_tokens;               /* of a reply */
    double timeout_s;              /* of one attempt; 0: SM_TIMEOUT_S */
    const char *ca_file, *ca_path; /* certificates to trust instead of the system's, or NULL */
    enum sm_llm_mode mode;
    const char *batch; /* the file of SM_LLM_BATCH */
    bool forget;       /* use neither recorded answers nor what is known of the endpoint */
    struct sm_price price;
    struct sm_limits limits;
    const struct sm_clock *clock; /* borrowed; NULL: the system's */
};

/* What was done so far. */
struct sm_llm_totals {
    int64_t calls;         /* answered by the endpoint */
    int64_t hits;          /* answered by the store */
    int64_t shared;        /* answered by an identical request that was in flight */
    int64_t retries;       /* attempts that failed and were made again */
    int64_t failed;        /* given up */
    int64_t pending;       /* left to a batch, or planned */
    int64_t waiting;       /* asked and not yet answered */
    struct sm_usage usage; /* of `calls` */
    double cost;           /* of `calls`, US dollars; NAN where the price is not known */
    struct sm_plan plan;   /* of `pending` */
};

/* An answer. Everything is borrowed for the time of the callback. */
struct sm_reply {
    const struct sm_err *error; /* not NULL: no answer, and nothing else is set but `tried` */
    unsigned tried;             /* attempts made */
    const struct sm_completion *completion; /* NULL for a post */
    const char
        *response; /* as the endpoint sent it, a JSON object; of a post what was kept of it */
    size_t response_len;
    const char *key;   /* of the request, in the store */
    const char *model; /* as asked for; lives as long as the client */
    double ms;         /* as measured when it was paid */
};

typedef void sm_reply_fn(void *arg, const struct sm_reply *reply);

/* A kind of request that is no chat: another path of the server, whose answers the client cannot
 * read itself. Outlives the calls. */
struct sm_post {
    const char *path; /* "/completions" */
    bool at_root;     /* below the server's root, that is the base URL without /v1 at its end; else
                         below the base URL */
    /* Whether `body` is an answer. Appends to `kept` what is recorded and told in its place, and
     * says what it took. */
    bool (*accept)(void *arg, const char *body, size_t len, struct sm_buf *kept,
                   struct sm_usage *usage);
};

struct sm_ask {
    char *messages;             /* a JSON array of {role, content}; consumed by sm_llm_ask() */
    const struct sm_post *post; /* or NULL: a chat */
    char *body;                 /* of a post, in place of messages and of what follows; consumed */
    size_t body_prefix;         /* bytes that it shares with other posts, about: see below */
    void *post_arg;             /* for post->accept(), until the answer */
    const char *schema_name, *schema; /* JSON schema of the reply, or NULL; must outlive the call */
    double temperature;               /* NAN: not sent */
    int64_t sample; /* independent samples of one request have different numbers */
    bool logprobs;  /* ask for the probabilities of the reply's tokens */
    /* Where a request differs from what the client would write; borrowed until the answer. */
    const char *model; /* or NULL */
    long max_tokens;   /* or 0 */
    const jv *members; /* an object, further members of the body; or NULL */
};

/* Opens a client; copies the configuration. `store` may be NULL (nothing is recorded) and is
 * borrowed for the client's life. */
struct sm_llm *sm_llm_open(const struct sm_llm_config *config, struct sm_store *store,
                           struct sm_err *err);
void sm_llm_close(struct sm_llm *llm);

/* Queues a request. `reply` is called from a later sm_llm_turn(), never from here.
 *
 * Requests are sent in the order in which they come, but for those that begin like the one that was
 * sent last (their messages but the last one, or their `body_prefix`): these follow it, so that a
 * server need not read again what it has just read. An older request lets 256 others go before it,
 * then it is sent. */
void sm_llm_ask(struct sm_llm *llm, const struct sm_ask *ask, sm_reply_fn *reply, void *arg);

/* Appends the body of the request that `ask` (borrowed) would be sent as. */
void sm_llm_request(struct sm_llm *llm, const struct sm_ask *ask, struct sm_buf *body);

/* From here on the first calls to an endpoint that is not known yet go out together, rather than
 * one alone that proves it: a round trip less, but what it refuses is then refused of each of them.
 */
void sm_llm_skip_probe(struct sm_llm *llm);

/* One turn: starts what can be started, waits at most `timeout_ms` (-1: as long as it takes) until
 * a transfer moves or one of the `extra` descriptors (at most 4) is ready, delivers answers,
 * commits the store. False when the store cannot be written. */
bool sm_llm_turn(struct sm_llm *llm, struct pollfd *extra, unsigned count, int timeout_ms,
                 struct sm_err *err);

/* From now on nothing new is sent: what waits fails as interrupted (SM_EXIT_PARTIAL); what is in
 * flight ends normally. */
void sm_llm_stop(struct sm_llm *llm);

/* Not NULL: no further call can be made, and every one fails with this: the endpoint refused for
 * good (key, quota, model), it cannot be reached, or a cap is reached. */
const struct sm_err *sm_llm_fatal(const struct sm_llm *llm);

struct sm_llm_totals sm_llm_totals(const struct sm_llm *llm);

/* Requests that wait for a free place among those in flight. */
size_t sm_llm_backlog(const struct sm_llm *llm);

/* Members of a request that the client's own model does not take, as a JSON array of strings. */
void sm_llm_unsupported(const struct sm_llm *llm, struct sm_buf *out);

/* What tokens cost, US dollars; NAN where the price is not known. */
double sm_llm_cost(const struct sm_llm *llm, const struct sm_usage *usage);

/* The configuration as it was given. Its strings may be gone, but for numbers, modes and prices. */
const struct sm_llm_config *sm_llm_config(const struct sm_llm *llm);

/* The endpoint's models, one name a line, at least one; waits for the answer. False: it did not
 * answer, or names none. */
bool sm_llm_models(struct sm_llm *llm, struct sm_buf *names, struct sm_err *err);

#endif
