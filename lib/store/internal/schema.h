/* The tables of a store. */
#ifndef SM_STORE_INTERNAL_SCHEMA_H
#define SM_STORE_INTERNAL_SCHEMA_H

#include "lib/store/internal/state.h"

/* Makes the tables of a new store, adds those that an old one lacks, and sets store->digests. False
 * with `err` if it is none of ours, of a newer version, or has something in it that no store of
 * ours has: a trigger could change what is recorded, a view what is read. */
bool sm_store_check_schema(struct sm_store *store, struct sm_err *err);

/* The first value that a statement gives; -1 if there is none. */
int64_t sm_store_first_value(struct sm_store *store, const char *text);

#endif
