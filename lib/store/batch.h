/* Requests that go to a file instead of an endpoint, as lines that the batch interfaces of OpenAI,
 * vLLM and others read: {"custom_id","method","url","body"}, or in another form. The custom_id is
 * the request's key in the store, which remembers the request until its answer is imported.
 *
 * The file holds only requests that wait for an answer. Opening it removes those that were answered
 * meanwhile, so that one name serves round after round, and every program of a pipe. */
#ifndef SM_STORE_BATCH_H
#define SM_STORE_BATCH_H

#include "lib/store/batch_form.h"
#include "lib/store/store.h"

#include <stdbool.h>

struct sm_batch;

/* Opens or creates the file. Borrows `store`, which must not be NULL. NULL with `err` if it cannot
 * be used, or holds requests in another form than `form`. */
struct sm_batch *sm_batch_open(const char *path, enum sm_batch_form form, struct sm_store *store,
                               struct sm_err *err);
void sm_batch_close(struct sm_batch *batch);

/* Appends one line in OpenAI's form to `out`, with its newline. */
void sm_batch_line(struct sm_buf *out, const char *custom_id, const char *body, size_t len);

/* Adds a request unless the file has it. `asked` gives key, endpoint, model and sample. False with
 * `err` if the file cannot be written. */
bool sm_batch_add(struct sm_batch *batch, const struct sm_answer *asked, const char *body,
                  size_t len, struct sm_err *err);

/* The key, endpoint, model and sample of a request, for the caller to free with
 * sm_batch_asked_free(); NULL if this store does not remember it. */
struct sm_answer *sm_batch_asked(struct sm_store *store, const char *key);
void sm_batch_asked_free(struct sm_answer *asked);

/* Forgets a request that was answered. */
void sm_batch_forget(struct sm_store *store, const char *key);

#endif
