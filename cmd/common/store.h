/* The store of recorded answers, as the options name it. */
#ifndef CMD_COMMON_STORE_H
#define CMD_COMMON_STORE_H

#include "cmd/common/app.h"
#include "lib/store/store.h"

struct store_options {
    const char *cache;
};

extern const struct sm_opt store_opts[];

bool store_exists(const struct store_options *set);

/* NULL with `err` if it cannot be opened. */
struct sm_store *store_open(struct app *app, const struct store_options *set, enum sm_store_use use,
                            struct sm_err *err);

/* Closes it; NULL is fine. Reports a failure, and how many answers were met that are not what was
 * recorded, and what was done `instead` of taking them. */
void store_close(struct app *app, struct sm_store *store, const char *instead);

#endif
