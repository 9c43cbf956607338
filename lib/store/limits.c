#include "lib/store/limits.h"

#include "lib/base/mem.h"
#include "lib/store/internal/backend.h"

struct sm_limiter {
    struct sm_store *store;
    struct sm_limits limits;
    const char *endpoint, *model;
};

struct sm_limiter *sm_limiter_open(struct sm_store *store, const char *endpoint, const char *model,
                                   const struct sm_limits *limits)
{
    if (store->use == SM_STORE_READ || (!sm_limits_rate(limits) && !sm_limits_run(limits)))
        return NULL;
    struct sm_limiter *l = sm_alloc(1, sizeof *l);
    *l = (struct sm_limiter){store, *limits, endpoint, model};
    if (sm_limits_run(limits))
        store->backend->join_run(store, &l->limits);
    return l;
}

void sm_limiter_close(struct sm_limiter *l)
{
    free(l);
}

static enum sm_admission refuse_call(const struct sm_limiter *l, struct sm_err *err)
{
    sm_err_set(err, SM_EXIT_CAP,
               "raise --max-calls and run the same command again: answers already paid for are "
               "kept",
               "the cap of %lld calls is reached", (long long)l->limits.max_calls);
    return SM_ADMIT_NEVER;
}

static enum sm_admission refuse_cost(const struct sm_limiter *l, double spent, double cost,
                                     struct sm_err *err)
{
    sm_err_set(err, SM_EXIT_CAP,
               "raise --max-cost and run the same command again: answers already paid for are "
               "kept",
               "the cap of %.10g US dollars is reached: %.6f are spent or reserved, and the "
               "next call may take %.6f",
               l->limits.max_cost, spent, cost);
    return SM_ADMIT_SETTLED;
}

enum sm_admission sm_limiter_admit(struct sm_limiter *l, struct sm_reservation *entry,
                                   int64_t tokens, double cost, double *wait_ms, struct sm_err *err)
{
    const struct sm_asking asking = {l->endpoint, l->model, &l->limits, entry, tokens, cost};
    struct sm_answer_of_limits found = {SM_ROOM_LATER, 0, 0};
    l->store->backend->admit(l->store, &asking, &found);
    if (!l->store->backend->commit(l->store, err))
        return SM_ADMIT_NEVER;
    *wait_ms = found.wait_ms;
    return found.room == SM_ROOM_NO_CALLS  ? refuse_call(l, err)
           : found.room == SM_ROOM_NO_COST ? refuse_cost(l, found.spent, cost, err)
           : found.room == SM_ROOM_LATER   ? SM_ADMIT_LATER
                                           : SM_ADMIT_NOW;
}

void sm_limiter_settle(struct sm_limiter *l, struct sm_reservation *entry, int64_t tokens,
                       double cost)
{
    l->store->backend->settle(l->store, &l->limits, entry, tokens, cost);
    entry->sent = 0;
    entry->cost = 0;
}
