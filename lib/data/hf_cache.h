/* The rows of one split of a dataset on a datasets server, kept in a file as they come: an import
 * that was killed goes on where it stopped, and asks for no page twice. */
#ifndef SM_DATA_HF_CACHE_H
#define SM_DATA_HF_CACHE_H

#include "lib/base/err.h"
#include "lib/data/hf_client.h"

#include <jv.h>
#include <stdbool.h>

struct sm_hf_cache;

struct sm_hf_rows {
    const char *dataset, *config, *split;
};

/* Opens or begins the file in `folder`, and cuts off a row that a crash left incomplete. Borrows
 * `client`. NULL with `err` if it cannot be written, holds other rows, or another program uses
 * it. */
struct sm_hf_cache *sm_hf_cache_open(struct sm_hf_client *client, const struct sm_hf_rows *of,
                                     const char *folder, struct sm_err *err);
void sm_hf_cache_close(struct sm_hf_cache *cache);

/* The name of the file: JSON Lines, first {"pages":{…}}, then the rows as the server sent them,
 * {"row_idx":…,"row":{…},"truncated_cells":[…]}. */
const char *sm_hf_cache_path(const struct sm_hf_cache *cache);

/* Gets the next page and appends it; an sm_more_fn. False if all rows are there, or with `err`. */
bool sm_hf_cache_more(void *cache, struct sm_err *err);

/* Whether the server has only the first part of a large dataset. */
bool sm_hf_cache_partial(const struct sm_hf_cache *cache);

/* The configs and splits of a dataset, also kept in `folder`: a list of {config, split} for the
 * caller to free. Invalid with `err`. */
jv sm_hf_splits(struct sm_hf_client *client, const char *dataset, const char *folder,
                struct sm_err *err);

#endif
