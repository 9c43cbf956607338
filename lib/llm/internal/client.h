/* The state of one client, shared by its calls (llm.c) and their transfers (llm_send.c); of no use
 * elsewhere. */
#ifndef SM_LLM_INTERNAL_CLIENT_H
#define SM_LLM_INTERNAL_CLIENT_H

#include "lib/base/rng.h"
#include "lib/llm/call.h"
#include "lib/llm/client.h"
#include "lib/llm/endpoint.h"
#include "lib/store/batch.h"
#include "lib/store/request_lock.h"

#include <curl/curl.h>

struct sm_llm {
    struct sm_llm_config config;
    struct sm_endpoint endpoint;
    struct sm_store *store;
    struct sm_limiter *ledger;       /* NULL: nothing is limited */
    struct sm_request_locks *claims; /* NULL: nobody shares the store */
    struct sm_batch *batch;          /* or NULL */
    CURLM *multi;
    CURL **idle;
    long idle_count, running;
    struct sm_queue waiting, finished;
    struct sm_call_table calls;
    size_t retried;        /* waiting calls that were tried before */
    bool reached;          /* the endpoint has answered something in this run */
    bool eager;            /* see sm_llm_skip_probe() */
    double paced_until_ms; /* the limits let nothing go before */
    struct sm_err fatal, stopped;
    struct sm_llm_totals totals;
    struct sm_rng jitter;
};

/* --- Calls (llm.c) --- */

void sm_llm_enqueue(struct sm_llm *llm, struct sm_call *call);

/* Takes *link out of the waiting calls. */
struct sm_call *sm_llm_dequeue(struct sm_llm *llm, struct sm_call **link);

/* It is answered, or given up: those who wait for it are told at the next turn. */
void sm_llm_finish(struct sm_llm *llm, struct sm_call *call);

/* Writes the request anew, as the endpoint is now known to take it, and admits it again. */
void sm_llm_recompose(struct sm_llm *llm, struct sm_call *call);

/* True if the store knew the answer, and the call is finished. */
bool sm_llm_answer_from_store(struct sm_llm *llm, struct sm_call *call);

/* Whether the response is a completion; it is read once. */
bool sm_llm_read_completion(struct sm_call *call);

const char *sm_llm_model_of(const struct sm_llm *llm, const struct sm_call *call);
long sm_llm_max_tokens_of(const struct sm_llm *llm, const struct sm_call *call);

/* --- Transfers (llm_send.c) --- */

void sm_llm_open_handles(struct sm_llm *llm);

/* Starts the waiting calls that may go. */
void sm_llm_start_due(struct sm_llm *llm);

/* Moves what is in flight on, and finishes or requeues what is through. */
void sm_llm_collect(struct sm_llm *llm);

/* Milliseconds until a retry is due, if there is a place for it; at most `limit` (-1: none). */
int sm_llm_wait_ms(const struct sm_llm *llm, int limit);

/* Waits for the transfers and `count` descriptors more, at most 4. */
void sm_llm_poll(struct sm_llm *llm, struct pollfd *extra, unsigned count, int timeout_ms);

#endif
