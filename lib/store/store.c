#include "lib/store/store.h"

#include "lib/base/mem.h"
#include "lib/store/internal/backend.h"

#include <string.h>

bool sm_store_is_shared(const char *path)
{
    return strncmp(path, "postgresql://", 13) == 0 || strncmp(path, "postgres://", 11) == 0;
}

struct sm_store *sm_store_open(const char *path, enum sm_store_use use,
                               const struct sm_clock *clock, struct sm_err *err)
{
    if (!path || !sm_store_is_shared(path))
        return sm_sqlite_open(path, use, clock, err);
#ifdef SM_POSTGRES
    return sm_postgres_open(path, use, clock, err);
#else
    sm_err_set(err, SM_EXIT_USAGE,
               "install libpq with its headers (Debian: libpq-dev) and build again, or name a file",
               "stores on PostgreSQL are not built in");
    return NULL;
#endif
}

bool sm_store_close(struct sm_store *store, struct sm_err *err)
{
    return !store || store->backend->close(store, err);
}

void sm_store_share(struct sm_store *store, const struct sm_store_shared *shared)
{
    store->shared = *shared;
}

const char *sm_store_notice(const struct sm_store *store)
{
    return store->notice;
}

const char *sm_store_path(const struct sm_store *store)
{
    return store->path;
}

bool sm_store_had_answers(const struct sm_store *store)
{
    return store->had_answers;
}

size_t sm_store_spoiled(const struct sm_store *store)
{
    return store->spoiled;
}

bool sm_store_asks_for_many(const struct sm_store *store)
{
    return store->backend->look_up != NULL;
}

bool sm_store_look_up(struct sm_store *store, const char *const *keys, size_t count)
{
    return !store->backend->look_up || store->backend->look_up(store, keys, count);
}

bool sm_store_get(struct sm_store *store, const char *key, struct sm_answer *answer)
{
    return store->backend->get(store, key, answer);
}

void sm_store_put(struct sm_store *store, const struct sm_answer *answer)
{
    store->backend->put(store, answer);
}

void sm_store_rekey(struct sm_store *store, const char *from, const char *to)
{
    store->backend->rekey(store, from, to);
}

void sm_store_put_capability(struct sm_store *store, const struct sm_capability *capability)
{
    store->backend->put_capability(store, capability);
}

char *sm_store_capability(struct sm_store *store, const char *endpoint, const char *model,
                          const char *name)
{
    return store->backend->capability(store, endpoint, model, name);
}

bool sm_store_commit(struct sm_store *store, struct sm_err *err)
{
    return store->backend->commit(store, err);
}

bool sm_store_forget(struct sm_store *store, const char *endpoint, const char *model,
                     int64_t *count, struct sm_err *err)
{
    return store->backend->forget(store, endpoint, model, count, err);
}

bool sm_store_prune(struct sm_store *store, const struct sm_prune *prune, int64_t *count,
                    struct sm_err *err)
{
    return store->backend->prune(store, prune, count, err);
}

bool sm_store_count(struct sm_store *store, bool (*each)(void *arg, const struct sm_store_count *),
                    void *arg, struct sm_err *err)
{
    return store->backend->count(store, each, arg, err);
}

bool sm_store_each(struct sm_store *store, bool (*each)(void *arg, const struct sm_answer *),
                   void *arg, struct sm_err *err)
{
    return store->backend->each(store, each, arg, err);
}

bool sm_store_each_capability(struct sm_store *store,
                              bool (*each)(void *arg, const struct sm_capability *), void *arg,
                              struct sm_err *err)
{
    return store->backend->each_capability(store, each, arg, err);
}
