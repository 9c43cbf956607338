/* Limits on what is sent, kept in the store so that they hold for every process that shares it: the
 * rates of an endpoint and model in any 60 seconds, and what a run may take in all. */
#ifndef SM_STORE_LIMITS_H
#define SM_STORE_LIMITS_H

#include "lib/store/store.h"

#include <stdbool.h>
#include <stdint.h>

struct sm_limits {
    int64_t rpm, tpm;    /* requests and tokens a minute; 0: no limit */
    int64_t max_calls;   /* of the run; 0: no cap */
    double max_cost;     /* of the run, US dollars; 0: no cap */
    const char *run;     /* the run's name: processes with the same one share its caps */
    int64_t run_started; /* tells two runs of one name apart; 0: not known */
};

struct sm_limiter;

/* NULL when nothing is limited, or the store is only read, so that nothing is sent. Borrows
 * `store`, which must not be NULL, and the strings. */
struct sm_limiter *sm_limiter_open(struct sm_store *store, const char *endpoint, const char *model,
                                   const struct sm_limits *limits);
void sm_limiter_close(struct sm_limiter *ledger);

/* One request's entry while it is under way. All-zero: none. */
struct sm_reservation {
    bool counted; /* as a call of the run: another attempt is not another call */
    int64_t sent; /* a row of table `sent` */
    double cost;  /* put by, US dollars */
};

enum sm_admission { SM_ADMIT_NOW, SM_ADMIT_LATER, SM_ADMIT_NEVER };

/* Asks for leave to send a request of about `tokens` tokens that costs at most `cost`. Later:
 * *wait_ms says when to ask again. Never: a cap is reached (SM_EXIT_CAP) or the store cannot be
 * written, and `err` says so. */
enum sm_admission sm_limiter_admit(struct sm_limiter *ledger, struct sm_reservation *entry,
                                   int64_t tokens, double cost, double *wait_ms,
                                   struct sm_err *err);

/* Corrects the entry to what the attempt took. */
void sm_limiter_settle(struct sm_limiter *ledger, struct sm_reservation *entry, int64_t tokens,
                       double cost);

#endif
