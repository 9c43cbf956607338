/* What all kinds of stores do alike. */
#include "lib/base/mem.h"
#include "lib/store/internal/backend.h"

bool sm_store_tell_failed(struct sm_store *store, struct sm_err *err)
{
    struct sm_err *why = &store->failed;
    if (!why->message)
        return true;
    sm_err_set(err, why->code, why->remedy, "%s", why->message);
    sm_err_clear(why);
    return false;
}

void sm_store_free(struct sm_store *store)
{
    sm_err_clear(&store->failed);
    free(store->notice);
    free(store->path);
    free(store);
}

bool sm_limits_rate(const struct sm_limits *limits)
{
    return limits->rpm > 0 || limits->tpm > 0;
}

bool sm_limits_run(const struct sm_limits *limits)
{
    return limits->max_calls > 0 || limits->max_cost > 0;
}
