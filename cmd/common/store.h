/* The store of recorded answers, as the options name it. */
#ifndef CMD_COMMON_STORE_H
#define CMD_COMMON_STORE_H

#include "cmd/common/app.h"
#include "lib/store/store.h"

struct store_options {
    const char *cache;
};

extern const struct sm_opt store_opts[];

/* `in_memory`: an empty one that nobody shares. `read_only`: it must be there. NULL with `err`. */
struct sm_store *store_open(struct app *app, const struct store_options *set, bool in_memory,
                            bool read_only, struct sm_err *err);

#endif
