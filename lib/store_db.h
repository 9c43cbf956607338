/* The store's database, for the modules that keep tables of their own in it (ledger.c, batch.c); of
 * no use elsewhere. */
#ifndef SM_STORE_DB_H
#define SM_STORE_DB_H

#include "store.h"

#include <sqlite3.h>

/* Borrowed. What is put into the store outside of its own functions goes between sm_store_begin()
 * and the next sm_store_commit(). */
sqlite3 *sm_store_db(struct sm_store *store);
void sm_store_begin(struct sm_store *store);

/* Keeps the database's last error for the next sm_store_commit(). */
void sm_store_failed(struct sm_store *store, const char *what);

#endif
