/* A store in a schema of a PostgreSQL server. Its files build on each other in this order:
 * postgres_connect, postgres_link (questions and results), postgres_known (claims, and what is
 * known of keys), postgres and others (the rest of the interface), postgres_open.
 *
 * All goes over one connection. What is written is queued; the queue goes before the next question,
 * or with the next commit, as one transaction. When the connection is lost the queue stays, a new
 * connection is made in passing, and what was claimed is claimed anew. */
#ifndef SM_STORE_INTERNAL_POSTGRES_H
#define SM_STORE_INTERNAL_POSTGRES_H

#include "lib/store/internal/backend.h"

#include <libpq-fe.h>

#define SM_PG_KNOWN_BUCKETS 4096
#define SM_PG_PARAMS 11

enum sm_pg_statement {
    SM_PG_GET, /* answers by keys */
    SM_PG_PUT, /* from here to UNCLAIM: what is queued */
    SM_PG_DROP,
    SM_PG_REKEY,
    SM_PG_PUT_FACT,
    SM_PG_REMEMBER,
    SM_PG_FORGET_ASKED,
    SM_PG_JOIN,
    SM_PG_SETTLE,
    SM_PG_UNCLAIM,
    SM_PG_FACTS, /* of an endpoint and model */
    SM_PG_ASKED,
    SM_PG_LOCK, /* of a run, and of an endpoint and model, until the transaction ends */
    SM_PG_ADMIT,
    SM_PG_CLAIM, /* of numbers of keys, in their order, as many as are wanted */
    SM_PG_CLAIMER,
    SM_PG_ANY,
    SM_PG_FORGET,
    SM_PG_PRUNE,
    SM_PG_COUNT,
    SM_PG_EACH, /* answers behind a number, so many */
    SM_PG_EACH_FACT,
    SM_PG_STATEMENTS
};

/* Their SQL. */
extern const char *const sm_pg_texts[SM_PG_STATEMENTS];

/* Texts are borrowed, or owned in the queue; NULL is SQL's. */
struct sm_pg_query {
    enum sm_pg_statement which;
    const char *values[SM_PG_PARAMS];
};

struct sm_pg_queued {
    struct sm_pg_queued *next;
    struct sm_pg_query query;
};

/* What is known of a key: it is claimed, or another program's at that moment, or was looked up. */
struct sm_pg_known {
    struct sm_pg_known *next; /* in its bucket */
    bool held, used;          /* claimed; and a request is under way for it */
    bool looked, found;       /* looked up; then `answer` is what was found */
    bool passing;             /* looked up in advance: known until the next commit */
    double refused_ms;        /* when another program had it; 0: it had not */
    struct sm_answer answer;  /* its key is always there; owns its strings */
};

enum sm_pg_state { SM_PG_DOWN, SM_PG_CONNECTING, SM_PG_UP };

struct sm_pg {
    struct sm_store base;
    char *url; /* as it was given */
    /* Makes a new connection ready, in pipeline mode. False: it is lost, or `err`. */
    bool (*made)(struct sm_pg *, struct sm_err *);
    PGconn *conn;
    enum sm_pg_state state;
    PostgresPollingStatusType polling; /* while connecting */
    double begun_ms;                   /* of the connecting */
    double away_ms;                    /* since when the server is away; 0: it is not */
    double next_try_ms;                /* not before that */
    bool gave_up;                      /* it was away for too long */
    char *last_error;                  /* why there was no connection */
    struct sm_pg_queued *first, **last;
    size_t queued;
    struct sm_pg_known *known[SM_PG_KNOWN_BUCKETS];
    size_t loose, unused; /* of these: neither claimed; claimed, and not used */
    PGresult *facts;      /* of one endpoint and model */
    char *facts_of;       /* "ENDPOINT\nMODEL" */
    double facts_ms;      /* when they were read */
};

static inline struct sm_pg *sm_pg_of(struct sm_store *base)
{
    return (struct sm_pg *)base;
}

/* postgres_connect.c */

/* The SQLSTATE of a result; "" if it has none. */
const char *sm_pg_state_of(const PGresult *result);

/* Fills `err` with what the server said, and a remedy for some of it. Returns false. And the same
 * for the next commit to tell. */
bool sm_pg_fail(const struct sm_pg *pg, const char *what, const PGresult *result,
                struct sm_err *err);
void sm_pg_note_failure(struct sm_pg *pg, const char *what, const PGresult *result);

/* Makes the first connection. */
bool sm_pg_connect(struct sm_pg *pg, struct sm_err *err);

/* Takes up or moves on a connection that was lost. True if it is there. Patiently: waits as long as
 * the server may be away. False otherwise; if it was away for too long the next commit tells. */
bool sm_pg_is_up(struct sm_pg *pg, bool patient);

/* The connection is of no use any more; and ending it. */
void sm_pg_lose(struct sm_pg *pg);
void sm_pg_hang_up(struct sm_pg *pg);

/* Waits up to `ms` for the socket; false if it is not ready. */
bool sm_pg_wait(const struct sm_pg *pg, bool writing, int ms);

/* postgres_link.c */

/* Queues a copy. */
void sm_pg_queue(struct sm_pg *pg, const struct sm_pg_query *query);

/* Sends the queue. True if nothing is left in it. What the server refuses is taken out, and told by
 * the next commit. */
bool sm_pg_flush(struct sm_pg *pg, bool patient);

/* Sends the queue, then `count` statements as one transaction. The result of each, for PQclear(),
 * is in results[]. False, with no result: the server is away, or refuses, which the next commit
 * tells as a failure of `what`. */
bool sm_pg_ask_all(struct sm_pg *pg, const struct sm_pg_query *queries, PGresult **results,
                   size_t count, bool patient, const char *what);

/* The same for one, patiently. NULL if there is no result. */
PGresult *sm_pg_ask(struct sm_pg *pg, const struct sm_pg_query *query, const char *what);

/* postgres_known.c */

int64_t sm_pg_whole(const PGresult *rows, int row, int column);

/* Reads a row of SM_PG_GET or SM_PG_EACH, borrowed. False if its response is not what was recorded,
 * which is counted. */
bool sm_pg_read_answer(struct sm_pg *pg, const PGresult *rows, int row, struct sm_answer *answer);

struct sm_pg_known *sm_pg_find(struct sm_pg *pg, const char *key);

/* Claims anew what was claimed over a connection that is lost. False: this one is lost too. */
bool sm_pg_claim_again(struct sm_pg *pg);

/* Forgets what was known until now, of all but claims; with `all`, of these too. */
void sm_pg_forget_known(struct sm_pg *pg, bool all);

/* Appends an array of PostgreSQL's, of keys as bytea. */
void sm_pg_keys(struct sm_buf *out, const char *const *keys, size_t count);

bool sm_pg_look_up(struct sm_store *base, const char *const *keys, size_t count);
void sm_pg_claim_some(struct sm_store *base, const char *const *keys, size_t count, size_t most);
bool sm_pg_is_claim_known(struct sm_store *base, const char *key);
bool sm_pg_claim(struct sm_store *base, const char *key);
void sm_pg_claimer(struct sm_store *base, const char *key, struct sm_buf *who);
void sm_pg_unclaim(struct sm_store *base, const char *key);

/* postgres.c, postgres_list.c, postgres_limits.c */

bool sm_pg_get(struct sm_store *base, const char *key, struct sm_answer *answer);
void sm_pg_put(struct sm_store *base, const struct sm_answer *answer);
void sm_pg_rekey(struct sm_store *base, const char *from, const char *to);
void sm_pg_put_capability(struct sm_store *base, const struct sm_capability *capability);
char *sm_pg_capability(struct sm_store *base, const char *endpoint, const char *model,
                       const char *name);
bool sm_pg_commit(struct sm_store *base, struct sm_err *err);
void sm_pg_remember(struct sm_store *base, const struct sm_answer *asked);
struct sm_answer *sm_pg_asked(struct sm_store *base, const char *key);
void sm_pg_forget_asked(struct sm_store *base, const char *key);
bool sm_pg_close(struct sm_store *base, struct sm_err *err);

bool sm_pg_forget(struct sm_store *base, const char *endpoint, const char *model, int64_t *count,
                  struct sm_err *err);
bool sm_pg_prune(struct sm_store *base, const struct sm_prune *prune, int64_t *count,
                 struct sm_err *err);
bool sm_pg_count(struct sm_store *base, bool (*each)(void *, const struct sm_store_count *),
                 void *arg, struct sm_err *err);
bool sm_pg_each(struct sm_store *base, bool (*each)(void *, const struct sm_answer *), void *arg,
                struct sm_err *err);
bool sm_pg_each_capability(struct sm_store *base,
                           bool (*each)(void *, const struct sm_capability *), void *arg,
                           struct sm_err *err);

void sm_pg_join_run(struct sm_store *base, const struct sm_limits *limits);
void sm_pg_admit(struct sm_store *base, const struct sm_asking *asking,
                 struct sm_answer_of_limits *found);
void sm_pg_settle(struct sm_store *base, const struct sm_limits *limits,
                  const struct sm_reservation *entry, int64_t tokens, double cost);

/* postgres_schema.c */

/* Makes the tables if they are missing (SM_STORE_CREATE). False with `err` if they are none of
 * ours, of a newer version, or have something that no store of ours has. */
bool sm_pg_check_schema(struct sm_pg *pg, struct sm_err *err);

#endif
