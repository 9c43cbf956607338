/* The store's database, for the modules that keep tables of their own in it (limits.c, batch.c) or
 * walk its answers (list.c). */
#ifndef SM_STORE_INTERNAL_DB_H
#define SM_STORE_INTERNAL_DB_H

#include "lib/store/store.h"

#include <sqlite3.h>

/* Borrowed; NULL means the system's. */
const struct sm_clock *sm_store_clock(const struct sm_store *store);

/* Whether it was opened with SM_STORE_READ. */
bool sm_store_only_reads(const struct sm_store *store);

/* Borrowed. Writes of other modules go between sm_store_begin() and the next sm_store_commit(). */
sqlite3 *sm_store_db(struct sm_store *store);
void sm_store_begin(struct sm_store *store);

/* What a query for answers selects, and then `digest` or NULL; and reading a row of it, borrowed
 * until the next step. False if its response is not what was recorded, which is counted. */
#define SM_ANSWER_COLUMNS                                                                          \
    "key, endpoint, model, sample, response, ms, created, tokens_in, tokens_out"
bool sm_store_read_answer(struct sm_store *store, sqlite3_stmt *row, struct sm_answer *answer);

/* Whether the table of answers has the column `digest`. */
bool sm_store_has_digests(const struct sm_store *store);

/* Fills `err` with the database's last error. Returns false. */
bool sm_store_fail(struct sm_store *store, const char *what, struct sm_err *err);

/* Keeps the database's last error for the next sm_store_commit() to report. */
void sm_store_failed(struct sm_store *store, const char *what);

#endif
