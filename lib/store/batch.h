/* Requests put into a file instead of being sent: lines as the batch interfaces of OpenAI, vLLM and
 * others take them, {"custom_id","method","url","body"}. The custom_id is the request's key in the
 * store, which remembers what was asked until the answer is imported.
 *
 * The file holds just what waits for an answer: lines that were answered meanwhile leave it when it
 * is opened, so that the same name serves round after round and every program of a pipe. */
#ifndef SM_STORE_BATCH_H
#define SM_STORE_BATCH_H

#include "lib/store/store.h"

#include <stdbool.h>

struct sm_batch;

/* Opens or creates the file. Borrows `store`, which must not be NULL. NULL: it cannot be used. */
struct sm_batch *sm_batch_open(const char *path, struct sm_store *store, struct sm_err *err);
void sm_batch_close(struct sm_batch *batch);

/* Appends such a line, with its newline. */
void sm_batch_line(struct sm_buf *out, const char *custom_id, const char *body, size_t len);

/* Adds a request, unless the file has it. `asked` has key, endpoint, model and sample. */
bool sm_batch_add(struct sm_batch *batch, const struct sm_answer *asked, const char *body,
                  size_t len, struct sm_err *err);

/* What was asked by the request `key`, for the caller to free with sm_batch_asked_free(); NULL:
 * this store has no such request. */
struct sm_answer *sm_batch_asked(struct sm_store *store, const char *key);
void sm_batch_asked_free(struct sm_answer *asked);

/* The request was answered: it need not be remembered. */
void sm_batch_forget(struct sm_store *store, const char *key);

#endif
