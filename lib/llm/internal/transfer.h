/* Transfers: calls in flight, each on a handle of libcurl. */
#ifndef SM_LLM_INTERNAL_TRANSFER_H
#define SM_LLM_INTERNAL_TRANSFER_H

#include "lib/llm/internal/state.h"

/* How a transfer ended. */
struct sm_transfer {
    struct sm_call *call; /* with as much of the response as came */
    CURLcode result;
    long status;          /* HTTP's; 0: none came */
    double retry_after_s; /* as the endpoint asks; 0: it does not */
    double reset_s;       /* until its rate is fresh, as it says; 0: it does not */
    int should_retry;     /* x-should-retry; -1: not sent */
    double cost;          /* US dollars, as a gateway tells it; NAN: it does not */
};

/* Opening makes a handle for each of config.jobs calls. Closing ends what is in flight and frees
 * those calls. */
void sm_transfers_open(struct sm_llm *llm);
void sm_transfers_close(struct sm_llm *llm);

/* Sends a call. A handle must be idle. */
void sm_transfer_start(struct sm_llm *llm, struct sm_call *call);

void sm_transfers_perform(struct sm_llm *llm);

/* The next transfer that has ended; false if there is none. */
bool sm_transfers_next(struct sm_llm *llm, struct sm_transfer *ended);

/* Waits until a transfer moves or one of the `count` other descriptors, at most 4, is ready. */
void sm_transfers_poll(struct sm_llm *llm, const struct pollfd *extra, unsigned count,
                       int timeout_ms);

/* Milliseconds on a clock that never goes back. */
double sm_llm_now_ms(const struct sm_llm *llm);

#endif
