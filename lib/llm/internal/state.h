/* What a client is made of. Its files build on each other in this order: intake, transfer,
 * pace, move, attempt, schedule, client. */
#ifndef SM_LLM_INTERNAL_STATE_H
#define SM_LLM_INTERNAL_STATE_H

#include "lib/base/rng.h"
#include "lib/llm/client.h"
#include "lib/llm/internal/call.h"
#include "lib/llm/internal/endpoint.h"
#include "lib/llm/internal/model.h"
#include "lib/llm/internal/servers.h"
#include "lib/llm/internal/waiting.h"
#include "lib/store/batch.h"
#include "lib/store/limits.h"
#include "lib/store/request_lock.h"

#include <curl/curl.h>

struct sm_llm {
    struct sm_llm_config config;
    struct sm_endpoint endpoint;
    struct sm_models models;
    struct sm_model *model;      /* of calls that name none */
    char *prices, *price_prefix; /* as in the configuration */
    struct sm_store *store;
    struct sm_servers servers;
    struct sm_request_locks *locks; /* NULL: nobody shares the store */
    struct sm_batch *batch;         /* NULL but for SM_LLM_BATCH */
    CURLM *multi;
    CURL **idle;
    size_t idle_count, running;
    struct sm_waiting waiting;
    size_t passed_over;       /* calls that went before the oldest one that might start, in a row */
    struct sm_queue incoming; /* wait to be looked up in a store that is asked for many */
    size_t incoming_count;
    struct sm_queue finished;
    struct sm_call_table calls;
    size_t retried;        /* waiting calls that were tried before */
    bool reached;          /* the endpoint has answered something */
    bool forbidden;        /* it has said 403, and not why */
    bool told_elsewhere;   /* the user knows that another process is waited for */
    double told_wait_s;    /* the longest wait that the user was told of */
    bool skips_probe;      /* see sm_llm_skip_probe() */
    double probing_ms;     /* when the first of the calls in flight was sent */
    double paced_until_ms; /* the limits allow nothing before that */
    double full_until_ms;  /* no place is looked for before that */
    double yielding_ms;    /* since when a place is left to another program; 0: none is */
    bool starved;          /* says that it has something to send, and no place */
    struct sm_err fatal, stopped;
    struct sm_llm_totals totals;
    struct sm_rng jitter;
};

#endif
