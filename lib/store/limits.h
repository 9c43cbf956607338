/* Limits on what is sent: the rates of an endpoint and model in any 60 seconds, and the caps of a
 * run. They are kept in the store, so that they hold for every process that shares it. */
#ifndef SM_STORE_LIMITS_H
#define SM_STORE_LIMITS_H

#include "lib/store/store.h"

#include <stdbool.h>
#include <stdint.h>

struct sm_limits {
    int64_t rpm, tpm;    /* requests and tokens a minute; 0: no limit */
    int64_t max_calls;   /* of the run; 0: no cap */
    double max_cost;     /* of the run, US dollars; 0: no cap */
    const char *run;     /* the run's name: processes with the same name share its caps */
    int64_t run_started; /* tells two runs of one name apart; 0: unknown */
};

struct sm_limiter;

/* NULL if nothing is limited, or if the store is only read, since nothing is sent then. Borrows
 * `store`, which must not be NULL, and the strings. */
struct sm_limiter *sm_limiter_open(struct sm_store *store, const char *endpoint, const char *model,
                                   const struct sm_limits *limits);
void sm_limiter_close(struct sm_limiter *limiter);

/* What one request has reserved while it is under way. All-zero: nothing. */
struct sm_reservation {
    bool counted; /* among the run's calls: a second attempt is not a second call */
    int64_t sent; /* its row in table `sent` */
    double cost;  /* reserved, US dollars */
};

enum sm_admission { SM_ADMIT_NOW, SM_ADMIT_LATER, SM_ADMIT_SETTLED, SM_ADMIT_NEVER };

/* Whether a request of about `tokens` tokens and at most `cost` US dollars (NAN: unknown) may be
 * sent. Later: ask again after *wait_ms. Settled: ask again when a request in flight is settled,
 * which may take less than was reserved for it; without one, never. Never: a cap is reached
 * (SM_EXIT_CAP) or the store cannot be written. `err` says why in both cases. */
enum sm_admission sm_limiter_admit(struct sm_limiter *limiter, struct sm_reservation *entry,
                                   int64_t tokens, double cost, double *wait_ms,
                                   struct sm_err *err);

/* Corrects the reservation to what the attempt took, and ends it. */
void sm_limiter_settle(struct sm_limiter *limiter, struct sm_reservation *entry, int64_t tokens,
                       double cost);

#endif
