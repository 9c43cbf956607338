/* What the verbs of sm-cache have in common. Each reports its errors itself. */
#ifndef CMD_CACHE_CACHE_H
#define CMD_CACHE_CACHE_H

#include "cmd/common/app.h"
#include "cmd/common/store.h"

#include "lib/store/batch.h"

struct cache_options {
    double older; /* days; below 0: not set, as of max_bytes */
    const char *model, *endpoint;
    long max_bytes;
};

struct cache {
    struct app *app;
    struct cache_options set;
    struct store_options store_set;
    struct sm_store *store;
    struct sm_batch_turner *turners[SM_BATCH_FORMS]; /* opened as needed */
    struct sm_buf response; /* of the answer that is being imported, as it is kept */
};

/* write.c: what the store holds, as records */
void cache_list(struct cache *cache);
void cache_export(struct cache *cache);
void cache_count(struct cache *cache);

/* import.c */
void cache_import(struct cache *cache);

#endif
