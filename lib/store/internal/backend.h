/* What a store is to this folder: the same for all, and the functions of the one that keeps it. A
 * backend is a struct that begins with a struct sm_store. */
#ifndef SM_STORE_INTERNAL_BACKEND_H
#define SM_STORE_INTERNAL_BACKEND_H

#include "lib/base/err.h"
#include "lib/store/limits.h"
#include "lib/store/store.h"

#define SM_STORE_OTHER "name another store with --cache or SM_CACHE"

#define SM_ASK_AGAIN_MS                                                                            \
    1000                       /* the wait may shorten, as requests turn out smaller than reserved \
                                */
#define SM_RUN_KEPT_S 604800LL /* a week: a run that was silent for so long is over */

/* Whether there is a rate, or a cap, among them. */
bool sm_limits_rate(const struct sm_limits *limits);
bool sm_limits_run(const struct sm_limits *limits);

/* A request before the limits. */
struct sm_asking {
    const char *endpoint, *model;
    const struct sm_limits *limits;
    struct sm_reservation *entry; /* filled if it is admitted */
    int64_t tokens;
    double cost; /* at most; NAN: unknown */
};

enum sm_room { SM_ROOM, SM_ROOM_LATER, SM_ROOM_NO_CALLS, SM_ROOM_NO_COST };

/* What of the limits it meets. A failure of the store is told by the next commit. */
struct sm_answer_of_limits {
    enum sm_room room;
    double wait_ms; /* of SM_ROOM_LATER */
    double spent;   /* of SM_ROOM_NO_COST: spent or reserved so far */
};

/* As in store.h, batch.h and limits.h, where the functions that call these stand. */
struct sm_backend {
    bool (*close)(struct sm_store *, struct sm_err *);
    bool (*get)(struct sm_store *, const char *key, struct sm_answer *);
    void (*put)(struct sm_store *, const struct sm_answer *);
    void (*rekey)(struct sm_store *, const char *from, const char *to);
    void (*put_capability)(struct sm_store *, const struct sm_capability *);
    char *(*capability)(struct sm_store *, const char *endpoint, const char *model,
                        const char *name);
    bool (*commit)(struct sm_store *, struct sm_err *);
    bool (*forget)(struct sm_store *, const char *endpoint, const char *model, int64_t *count,
                   struct sm_err *);
    bool (*prune)(struct sm_store *, const struct sm_prune *, int64_t *count, struct sm_err *);
    bool (*count)(struct sm_store *, bool (*)(void *, const struct sm_store_count *), void *,
                  struct sm_err *);
    bool (*each)(struct sm_store *, bool (*)(void *, const struct sm_answer *), void *,
                 struct sm_err *);
    bool (*each_capability)(struct sm_store *, bool (*)(void *, const struct sm_capability *),
                            void *, struct sm_err *);
    void (*remember)(struct sm_store *, const struct sm_answer *asked);
    struct sm_answer *(*asked)(struct sm_store *, const char *key);
    void (*forget_asked)(struct sm_store *, const char *key);

    void (*join_run)(struct sm_store *, const struct sm_limits *);
    void (*admit)(struct sm_store *, const struct sm_asking *, struct sm_answer_of_limits *);
    void (*settle)(struct sm_store *, const struct sm_limits *, const struct sm_reservation *,
                   int64_t tokens, double cost);

    /* Those below are NULL where a store is a file of this machine: nothing is gained by asking for
     * many at once, and claims are locks on a file beside it. */
    bool (*look_up)(struct sm_store *, const char *const *keys, size_t count);
    void (*claim_some)(struct sm_store *, const char *const *keys, size_t count, size_t most);
    bool (*is_claim_known)(struct sm_store *, const char *key);
    bool (*claim)(struct sm_store *, const char *key);
    void (*claimer)(struct sm_store *, const char *key, struct sm_buf *who);
    void (*unclaim)(struct sm_store *, const char *key);
};

struct sm_store {
    const struct sm_backend *backend;
    char *path; /* its name; NULL: in memory */
    enum sm_store_use use;
    const struct sm_clock *clock;
    char *notice;                  /* see sm_store_notice() */
    bool had_answers;              /* when it was opened */
    size_t spoiled;                /* see sm_store_spoiled() */
    struct sm_err failed;          /* of a read or a put; the next commit reports it */
    struct sm_store_shared shared; /* see sm_store_share() */
};

/* Hands over store->failed, if there is one. False then. */
bool sm_store_tell_failed(struct sm_store *store, struct sm_err *err);

/* Of a response, as a store keeps it: the first 8 bytes of the SHA-256. */
int64_t sm_store_digest(const char *response, size_t len);

/* Frees what the struct above owns, and the store. */
void sm_store_free(struct sm_store *store);

/* Opens one of a kind; NULL with `err`. */
struct sm_store *sm_sqlite_open(const char *path, enum sm_store_use use,
                                const struct sm_clock *clock, struct sm_err *err);
struct sm_store *sm_postgres_open(const char *url, enum sm_store_use use,
                                  const struct sm_clock *clock, struct sm_err *err);

#endif
