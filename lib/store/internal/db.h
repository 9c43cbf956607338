/* The store's database, for the modules that keep tables of their own in it (limits.c, batch.c) or
 * walk its answers (list.c); of no use elsewhere. */
#ifndef SM_STORE_INTERNAL_DB_H
#define SM_STORE_INTERNAL_DB_H

#include "lib/store/store.h"

#include <sqlite3.h>

/* Borrowed; NULL is the system's. */
const struct sm_clock *sm_store_clock(const struct sm_store *store);

/* It was opened with SM_STORE_READ. */
bool sm_store_only_reads(const struct sm_store *store);

/* Borrowed. What is put into the store outside of its own functions goes between sm_store_begin()
 * and the next sm_store_commit(). */
sqlite3 *sm_store_db(struct sm_store *store);
void sm_store_begin(struct sm_store *store);

/* What a query for answers selects, and how a row of it is read; borrowed until the next step. */
#define SM_ANSWER_COLUMNS                                                                          \
    "key, endpoint, model, sample, response, ms, created, tokens_in, tokens_out"
void sm_store_read_answer(sqlite3_stmt *row, struct sm_answer *answer);

/* Fills `err` with the database's last error; false. */
bool sm_store_fail(struct sm_store *store, const char *what, struct sm_err *err);

/* Keeps the database's last error for the next sm_store_commit(). */
void sm_store_failed(struct sm_store *store, const char *what);

#endif
