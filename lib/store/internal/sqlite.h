/* A store in an SQLite file. Its files build on each other in this order: sqlite_fault, sqlite,
 * sqlite_open. */
#ifndef SM_STORE_INTERNAL_SQLITE_H
#define SM_STORE_INTERNAL_SQLITE_H

#include "lib/store/internal/backend.h"

#include <sqlite3.h>
#include <sys/stat.h>

#define SM_STORE_APPLICATION_ID 0x534d5354 /* "SMST": tells our file from another program's */

/* Prepared when the store is opened. */
enum sm_statement {
    SM_GET,
    SM_PUT,
    SM_DROP,
    SM_REKEY,
    SM_GET_CAPABILITY,
    SM_PUT_CAPABILITY,
    SM_BEGIN,
    SM_COMMIT,
    SM_STATEMENTS
};

#define SM_LIMIT_STATEMENTS 8

struct sm_sqlite {
    struct sm_store base;
    sqlite3 *db;
    char *real; /* base.path for SQLite: see sm_store_real_path() */
    sqlite3_stmt *statements[SM_STATEMENTS];
    sqlite3_stmt *limit_statements[SM_LIMIT_STATEMENTS]; /* see sqlite_limits.c */
    struct stat file;                                    /* the file that was opened */
    int lock;                                            /* held while opening, else -1 */
    bool digests;                                        /* its answers may have them */
    bool aside;                                          /* it was damaged, and is out of the way */
};

/* The store that `base` is the first member of. */
static inline struct sm_sqlite *sm_sqlite_of(struct sm_store *base)
{
    return (struct sm_sqlite *)base;
}

/* Runs SQL that gives no row. False: SQLite knows why. */
bool sm_sqlite_execute(struct sm_sqlite *store, const char *text);

/* Fills `err` for a code of SQLite's; a damaged store is set aside. Returns false. */
bool sm_sqlite_fail_code(struct sm_sqlite *store, int code, const char *what, struct sm_err *err);

/* Fills `err` with the database's last error. Returns false. */
bool sm_sqlite_fail(struct sm_sqlite *store, const char *what, struct sm_err *err);

/* Keeps the database's last error for the next commit to report. */
void sm_sqlite_failed(struct sm_sqlite *store, const char *what);

/* Writes go between this and the next commit. */
void sm_sqlite_begin(struct sm_sqlite *store);

/* What a query for answers selects, and then `digest` or NULL; and reading a row of it, borrowed
 * until the next step. False if its response is not what was recorded, which is counted. */
#define SM_ANSWER_COLUMNS                                                                          \
    "key, endpoint, model, sample, response, ms, created, tokens_in, tokens_out"
bool sm_sqlite_read_answer(struct sm_sqlite *store, sqlite3_stmt *row, struct sm_answer *answer);

/* The members of struct sm_backend. */
bool sm_sqlite_get(struct sm_store *base, const char *key, struct sm_answer *answer);
void sm_sqlite_put(struct sm_store *base, const struct sm_answer *answer);
void sm_sqlite_rekey(struct sm_store *base, const char *from, const char *to);
void sm_sqlite_put_capability(struct sm_store *base, const struct sm_capability *capability);
char *sm_sqlite_capability(struct sm_store *base, const char *endpoint, const char *model,
                           const char *name);
bool sm_sqlite_commit(struct sm_store *base, struct sm_err *err);
bool sm_sqlite_forget(struct sm_store *base, const char *endpoint, const char *model,
                      int64_t *count, struct sm_err *err);
bool sm_sqlite_prune(struct sm_store *base, const struct sm_prune *prune, int64_t *count,
                     struct sm_err *err);
bool sm_sqlite_count(struct sm_store *base, bool (*each)(void *, const struct sm_store_count *),
                     void *arg, struct sm_err *err);
bool sm_sqlite_each(struct sm_store *base, bool (*each)(void *, const struct sm_answer *),
                    void *arg, struct sm_err *err);
bool sm_sqlite_each_capability(struct sm_store *base,
                               bool (*each)(void *, const struct sm_capability *), void *arg,
                               struct sm_err *err);
void sm_sqlite_remember(struct sm_store *base, const struct sm_answer *asked);
struct sm_answer *sm_sqlite_asked(struct sm_store *base, const char *key);
void sm_sqlite_forget_asked(struct sm_store *base, const char *key);
void sm_sqlite_join_run(struct sm_store *base, const struct sm_limits *limits);
void sm_sqlite_admit(struct sm_store *base, const struct sm_asking *asking,
                     struct sm_answer_of_limits *room);
void sm_sqlite_settle(struct sm_store *base, const struct sm_limits *limits,
                      const struct sm_reservation *entry, int64_t tokens, double cost);

#endif
