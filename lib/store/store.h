/* The store: every answer that was ever paid for, in one SQLite file that many processes share.
 * It is the cache, the resume after a crash, and the source of --replay. Besides the answers it
 * remembers facts about endpoints (what they refuse). Nothing in it tells a key or a header. */
#ifndef SM_STORE_STORE_H
#define SM_STORE_STORE_H

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SM_KEY_LEN 64 /* hexadecimal digits of a SHA-256 */

struct sm_store;

/* One recorded answer. Strings passed in are borrowed; strings handed out by sm_store_get() and
 * sm_store_each() are borrowed from the store until its next call. */
struct sm_answer {
    char key[SM_KEY_LEN + 1]; /* see sm_store_key() */
    const char *endpoint;     /* base URL, without a key */
    const char *model;        /* as it was sent */
    int64_t sample;           /* 0, 1, …: independent answers to one request */
    const char *response;     /* the completion as the endpoint sent it: a JSON object */
    size_t response_len;
    double ms;       /* how long the call took when it was paid */
    int64_t created; /* seconds since 1970 */
    int64_t tokens_in, tokens_out;
};

/* What an endpoint was found to refuse or to need for a model, e.g. name "drop:response_format",
 * value "1". */
struct sm_capability {
    const char *endpoint, *model, *name, *value;
};

/* What a store is opened for. */
enum sm_store_use {
    SM_STORE_CREATE, /* to be written, and made with its folders (owner-only) if it is not there */
    SM_STORE_CHANGE, /* to be written, but it must be there */
    SM_STORE_READ,   /* it must be there, and stays as it is: nothing can be put into it */
};

/* Opens the file. NULL path: an empty store in memory, to be written. Borrows `clock`, by which a
 * damaged store is named and limits count. NULL on failure: the file is
 * not there, cannot be opened, is no store, or is of a newer schema.
 * With SM_STORE_CREATE a damaged store is set aside, and a new one begun: see sm_store_notice().
 * When the damage shows later, it is set aside too, and the call that found it fails.
 * A store that is read alone may lie where nothing can be written. */
struct sm_store *sm_store_open(const char *path, enum sm_store_use use,
                               const struct sm_clock *clock, struct sm_err *err);

/* What the user should hear of the opening: a store was damaged, and where it is now. NULL:
 * nothing.
 */
const char *sm_store_notice(const struct sm_store *store);

/* NULL: it is in memory, and this process has it alone. */
const char *sm_store_path(const struct sm_store *store);

/* Commits and frees; NULL is fine. False if the last answers could not be written. */
bool sm_store_close(struct sm_store *store, struct sm_err *err);

/* The key of a request: hexadecimal SHA-256 over "LEN:ENDPOINT", "SAMPLE:" and "LEN:BODY" one after
 * another (lengths in bytes, so that no two requests share one). BODY is what is sent; it names the
 * model. */
void sm_store_key(char key[SM_KEY_LEN + 1], const char *endpoint, int64_t sample, const char *body,
                  size_t len);

/* True and *answer filled if the key is there. A failure is kept and reported by sm_store_commit().
 */
bool sm_store_get(struct sm_store *store, const char *key, struct sm_answer *answer);

/* Records an answer (an existing key keeps its first answer) or a fact (which is replaced). They
 * are on disk after the next sm_store_commit(), which is cheap when nothing is waiting. A failure
 * is kept and reported by sm_store_commit(). */
void sm_store_put(struct sm_store *store, const struct sm_answer *answer);
void sm_store_put_capability(struct sm_store *store, const struct sm_capability *fact);
bool sm_store_commit(struct sm_store *store, struct sm_err *err);

/* The value of a fact, for the caller to free; NULL if it is not known. */
char *sm_store_capability(struct sm_store *store, const char *endpoint, const char *model,
                          const char *name);

/* Which answers to forget. */
struct sm_prune {
    int64_t before;    /* recorded before this, seconds since 1970 */
    const char *model; /* of this model; NULL: of any */
    int64_t max_bytes; /* the oldest of them, until all responses together have at most so many
                          bytes; below 0: all of them */
};

/* Forgets answers, gives their room back, and sets *count to how many there were. */
bool sm_store_prune(struct sm_store *store, const struct sm_prune *prune, int64_t *count,
                    struct sm_err *err);

/* The answers of one endpoint and model. */
struct sm_store_count {
    const char *endpoint, *model;
    int64_t answers, bytes; /* bytes of their responses */
    int64_t oldest, newest; /* seconds since 1970 */
    int64_t tokens_in, tokens_out;
};

/* Calls `each` for every endpoint and model that has answers, in the order of their names. */
bool sm_store_count(struct sm_store *store, bool (*each)(void *arg, const struct sm_store_count *),
                    void *arg, struct sm_err *err);

/* Calls `each` for every answer in the order they were recorded (facts likewise, by endpoint, model
 * and name); it returns false to stop. False on a read error. */
bool sm_store_each(struct sm_store *store, bool (*each)(void *arg, const struct sm_answer *),
                   void *arg, struct sm_err *err);
bool sm_store_each_capability(struct sm_store *store,
                              bool (*each)(void *arg, const struct sm_capability *), void *arg,
                              struct sm_err *err);

#endif
