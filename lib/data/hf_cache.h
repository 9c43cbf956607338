/* The rows of one split of a dataset on a datasets server, kept in a file as they come, so that a
 * killed import goes on where it stopped and asks for no page twice. */
#ifndef SM_DATA_HF_CACHE_H
#define SM_DATA_HF_CACHE_H

#include "lib/base/err.h"
#include "lib/data/hf_client.h"

#include <jv.h>
#include <stdbool.h>

struct sm_hf_cache;

/* Which rows. */
struct sm_hf_rows {
    const char *dataset, *config, *split;
};

/* Opens or begins the file in `folder`; what a crash left of a page is cut off. Borrows `hub`. NULL
 * with `err`: it cannot be written, is of another server, or another program is at it. */
struct sm_hf_cache *sm_hf_cache_open(struct sm_hf_client *hub, const struct sm_hf_rows *of,
                                     const char *folder, struct sm_err *err);
void sm_hf_cache_close(struct sm_hf_cache *pages);

/* The file: JSON Lines, first a line {"pages":{…}}, then the rows as the server sent them,
 * {"row_idx":…,"row":{…},"truncated_cells":[…]}. */
const char *sm_hf_cache_path(const struct sm_hf_cache *pages);

/* Gets the next page and appends it: an sm_more_fn. False when all rows are there, or with `err`.
 */
bool sm_hf_cache_more(void *pages, struct sm_err *err);

/* The server has only the first part of a large dataset. */
bool sm_hf_cache_partial(const struct sm_hf_cache *pages);

/* The configs and splits of a dataset, a list of {config, split} for the caller to free, kept in
 * `folder` too. Invalid with `err`. */
jv sm_hf_splits(struct sm_hf_client *hub, const char *dataset, const char *folder,
                struct sm_err *err);

#endif
