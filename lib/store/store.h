/* The store: every answer that was ever paid for. It is an SQLite file that the processes of a
 * machine share, or a schema of a PostgreSQL server that those of many machines share. It is the
 * cache, the means to resume after a crash, and the source of --replay. It also remembers what
 * endpoints are known to take. It holds no key and no header. */
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

/* One recorded answer. Strings passed in are borrowed; strings from sm_store_get() and
 * sm_store_each() are borrowed from the store until its next call. */
struct sm_answer {
    char key[SM_KEY_LEN + 1]; /* see sm_store_key() */
    const char *endpoint;     /* base URL, without a key */
    const char *model;        /* as sent */
    int64_t sample;           /* from 0: several independent answers to one request */
    const char *response;     /* the completion, a JSON object on one line */
    size_t response_len;
    double ms;       /* how long the paid call took */
    int64_t created; /* seconds since 1970 */
    int64_t tokens_in, tokens_out;
};

/* What is known of an endpoint and model: that it refuses a parameter (name "response_format",
 * value "refused"), for example. */
struct sm_capability {
    const char *endpoint, *model, *name, *value;
};

/* A capability whose name begins with this tells of a run, not of the endpoint: what it asked with.
 * It is not forgotten. */
#define SM_ASKED_WITH "asked with"

enum sm_store_use {
    SM_STORE_CREATE, /* writable; created if missing, with its folders, for the owner alone */
    SM_STORE_CHANGE, /* writable, but must exist */
    SM_STORE_READ,   /* must exist, and stays as it is: nothing can be put into it */
};

/* Whether the name is that of a store on a server: postgresql://… */
bool sm_store_is_shared(const char *path);

/* Opens the file or, see sm_store_is_shared(), connects; a NULL path gives an empty store in
 * memory, which is writable. Borrows `clock`, for the names of damaged stores and for limits. NULL
 * with `err` if the file is missing, cannot be opened, is not a store or a link to one, has a newer
 * schema or more in it than a store has, or if another user can change it.
 *
 * With SM_STORE_CREATE a damaged store is set aside and a new one begun: see sm_store_notice(). If
 * the damage shows later, the store is set aside too, and the call that meets it fails.
 * SM_STORE_READ also works in a folder that cannot be written.
 *
 * On a server SM_STORE_CREATE makes the schema and its tables if they are missing. NULL also if the
 * name has a password in it, or this build has no PostgreSQL (SM_EXIT_USAGE). While a server is
 * away what is put is kept here, and calls that need an answer of it wait: see sm_store_share(). */
struct sm_store *sm_store_open(const char *path, enum sm_store_use use,
                               const struct sm_clock *clock, struct sm_err *err);

/* For a store on a server; one in a file needs none of it. Paths are borrowed, and may be NULL. */
struct sm_store_shared {
    const char *places; /* a file in a folder of one's own: the places of pipes on this machine */
    const char *spill;  /* an SQLite store for answers that the server could not be given */
    double patience_s;  /* how long the server may be away; 0: 120 */
};
void sm_store_share(struct sm_store *store, const struct sm_store_shared *shared);

/* What the user should know about opening: that a store was damaged, and where it is now; that it
 * is on a network's file system. Borrowed; NULL if there is nothing. */
const char *sm_store_notice(const struct sm_store *store);

/* Its name as it may be shown. Borrowed; NULL if the store is in memory, where no other process has
 * it. */
const char *sm_store_path(const struct sm_store *store);

/* Commits and frees; NULL is fine. False with `err` if the last answers could not be written. */
bool sm_store_close(struct sm_store *store, struct sm_err *err);

/* The key of a request: the SHA-256, in hexadecimal, of "LEN:WHOSE", "SAMPLE:" and "LEN:BODY" in a
 * row. The lengths, in bytes, keep requests apart. WHOSE says who answers, where the model's name,
 * which stands in BODY, does not say it. */
void sm_store_key(char key[SM_KEY_LEN + 1], const char *whose, int64_t sample, const char *body,
                  size_t len);

/* Gives an answer another key, unless that one has an answer or the store is only read. */
void sm_store_rekey(struct sm_store *store, const char *from, const char *to);

/* Whether it had answers when it was opened. */
bool sm_store_had_answers(const struct sm_store *store);

/* True, with *answer filled, if the key is there. sm_store_commit() reports a failed read. An
 * answer that is not what was recorded, by its digest, is forgotten and counts as spoiled. */
bool sm_store_get(struct sm_store *store, const char *key, struct sm_answer *answer);

/* Whether asking for several keys at once saves time; and asking so, which lets sm_store_get() know
 * these until the next commit or sm_store_look_up(). False: the server is away, ask again later. */
bool sm_store_asks_for_many(const struct sm_store *store);
bool sm_store_look_up(struct sm_store *store, const char *const *keys, size_t count);

/* How many answers were met that are not what was recorded. */
size_t sm_store_spoiled(const struct sm_store *store);

/* Record an answer (a known key keeps its first one) or a capability (a known one is replaced).
 * Both are on disk after the next sm_store_commit(), which is cheap if nothing is pending, and
 * reports any failure; one is that the file was taken away. */
void sm_store_put(struct sm_store *store, const struct sm_answer *answer);
void sm_store_put_capability(struct sm_store *store, const struct sm_capability *capability);
bool sm_store_commit(struct sm_store *store, struct sm_err *err);

/* The value of a capability, for the caller to free; NULL if it is not known. */
char *sm_store_capability(struct sm_store *store, const char *endpoint, const char *model,
                          const char *name);

/* Deletes the capabilities of an endpoint (and of one model, unless that is NULL), and sets *count
 * to how many there were. False with `err`. */
bool sm_store_forget(struct sm_store *store, const char *endpoint, const char *model,
                     int64_t *count, struct sm_err *err);

/* Which answers to delete. All conditions must hold. */
struct sm_prune {
    int64_t before;    /* recorded before this, in seconds since 1970 */
    const char *model; /* of this model; NULL: of any */
    int64_t max_bytes; /* only those that exceed this many bytes of responses together with all
                          newer ones; below 0: no limit */
};

/* Deletes answers, frees their space, and sets *count to how many there were. False with `err`. */
bool sm_store_prune(struct sm_store *store, const struct sm_prune *prune, int64_t *count,
                    struct sm_err *err);

/* The answers of one endpoint and model. */
struct sm_store_count {
    const char *endpoint, *model;
    int64_t answers, bytes; /* bytes: of their responses */
    int64_t oldest, newest; /* seconds since 1970 */
    int64_t tokens_in, tokens_out;
};

/* Calls `each` for every endpoint and model that has answers, ordered by name. */
bool sm_store_count(struct sm_store *store, bool (*each)(void *arg, const struct sm_store_count *),
                    void *arg, struct sm_err *err);

/* Call `each` for every answer in the order of recording, but for spoiled ones, or for every
 * capability, ordered by endpoint, model and name. `each` returns false to stop. False with `err`
 * if reading fails. */
bool sm_store_each(struct sm_store *store, bool (*each)(void *arg, const struct sm_answer *),
                   void *arg, struct sm_err *err);
bool sm_store_each_capability(struct sm_store *store,
                              bool (*each)(void *arg, const struct sm_capability *), void *arg,
                              struct sm_err *err);

#endif
