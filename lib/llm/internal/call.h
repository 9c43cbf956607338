/* Calls under way, a queue of them, and a table that finds an identical one. */
#ifndef SM_LLM_INTERNAL_CALL_H
#define SM_LLM_INTERNAL_CALL_H

#include "lib/llm/client.h"
#include "lib/llm/completion.h"
#include "lib/llm/internal/model.h"

#include <curl/curl.h>

#define SM_CALL_BUCKETS 4096

struct sm_waiter {
    struct sm_waiter *next;
    sm_reply_fn *reply;
    void *arg;
    bool first; /* it made the call; others share the answer */
};

/* One distinct request and all who wait for its answer. */
struct sm_call {
    struct sm_call *next;     /* among those that wait, or that are finished */
    struct sm_call **link;    /* what points to it while it waits */
    struct sm_prefix *prefix; /* while it waits */
    struct sm_call *akin;     /* the next waiting call with that prefix */
    struct sm_call *chain;    /* in its bucket */
    struct sm_ask ask;
    struct sm_model *model;
    unsigned version; /* the model's, when `body` was written */
    unsigned without; /* a set, see model.h: tried without, since its model was said to lack it */
    char key[SM_KEY_LEN + 1];
    struct sm_waiter *waiters;
    struct sm_buf body, response;
    struct sm_call *others;            /* sent with it, see bundle.h, by `next` */
    size_t other_count, bundled_bytes; /* their number; and the bytes of their bodies */
    struct sm_buf bundled;             /* what is sent if there are any */
    const char *refused;               /* what is wrong with an answer that a post did not accept */
    size_t prefix_len; /* bytes of `body` that other calls begin with too: all but the question */
    CURL *easy;        /* while it is in flight */
    int place;         /* among the pipe's requests in flight, then */
    int server;        /* the last one that it was sent to, among sm_llm.servers */
    unsigned tried;    /* number of attempts */
    unsigned limited;  /* how many of them were too many for the endpoint's rate */
    double due_ms, begun_ms;
    struct sm_reservation reservation; /* with the limiter */
    bool locked;                       /* holds the request lock */
    double elsewhere_ms;               /* since when another process holds it; 0: none does */
    struct sm_err error;               /* why there is no answer */
    bool stored;                       /* the response comes from the store */
    bool read;                         /* `response` has been read, a chat's into `completion` */
    struct sm_completion completion;
    double ms; /* how long the paid call took */
};

struct sm_queue {
    struct sm_call *first, **tail;
    size_t count;
};

/* Calls by key. All-zero is empty; owns nothing. */
struct sm_call_table {
    struct sm_call *buckets[SM_CALL_BUCKETS];
};

void sm_call_free(struct sm_call *call);

/* Reads the response, once. False if it is not a completion, or not what a post accepts. */
bool sm_call_read(struct sm_call *call);

void sm_queue_init(struct sm_queue *queue);
void sm_queue_add(struct sm_queue *queue, struct sm_call *call);

/* Takes the first one out. The queue must not be empty. */
struct sm_call *sm_queue_take(struct sm_queue *queue);

/* Frees all calls in the queue. */
void sm_queue_clear(struct sm_queue *queue);

/* NULL if no call has this key. */
struct sm_call *sm_call_find(const struct sm_call_table *table, const char *key);
void sm_call_link(struct sm_call_table *table, struct sm_call *call);
void sm_call_unlink(struct sm_call_table *table, struct sm_call *call);

#endif
