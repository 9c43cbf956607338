/* The tables of a store in SQLite. */
#ifndef SM_STORE_INTERNAL_SQLITE_SCHEMA_H
#define SM_STORE_INTERNAL_SQLITE_SCHEMA_H

#include "lib/store/internal/sqlite.h"

/* Makes the tables of a new store, adds those that an old one lacks, and sets store->digests. False
 * with `err` if it is none of ours, of a newer version, or has something in it that no store of
 * ours has: a trigger could change what is recorded, a view what is read. */
bool sm_sqlite_check_schema(struct sm_sqlite *store, struct sm_err *err);

/* The first value that a statement gives; -1 if there is none. */
int64_t sm_sqlite_first_value(struct sm_sqlite *store, const char *text);

#endif
