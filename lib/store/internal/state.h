/* What a store is made of. Its files build on each other in this order: fault, store, open. */
#ifndef SM_STORE_INTERNAL_STATE_H
#define SM_STORE_INTERNAL_STATE_H

#include "lib/base/err.h"
#include "lib/store/store.h"

#include <sqlite3.h>
#include <sys/stat.h>

#define SM_STORE_APPLICATION_ID 0x534d5354 /* "SMST": tells our file from another program's */
#define SM_CLAIMS_SUFFIX "-claims"         /* of the file of request locks */
#define SM_STORE_OTHER "name another store with --cache or SM_CACHE"

/* Prepared when the store is opened. */
enum sm_statement {
    SM_GET,
    SM_PUT,
    SM_DROP,
    SM_REKEY,
    SM_GET_CAPABILITY,
    SM_PUT_CAPABILITY,
    SM_BEGIN,
    SM_COMMIT,
    SM_STATEMENTS
};

struct sm_store {
    sqlite3 *db;
    char *path; /* NULL: in memory */
    char *real; /* the same for SQLite: see sm_store_real_path() */
    enum sm_store_use use;
    const struct sm_clock *clock;
    sqlite3_stmt *statements[SM_STATEMENTS];
    char *notice;         /* see sm_store_notice() */
    struct stat file;     /* the file that was opened */
    int lock;             /* held while opening, else -1 */
    bool had_answers;     /* when it was opened */
    bool digests;         /* its answers may have them */
    size_t spoiled;       /* see sm_store_spoiled() */
    bool aside;           /* it was damaged, and is out of the way */
    struct sm_err failed; /* of a read or a put; the next commit reports it */
};

/* Runs SQL that gives no row. False: SQLite knows why. */
bool sm_store_execute(struct sm_store *store, const char *text);

/* Fills `err` for a code of SQLite's; a damaged store is set aside. Returns false. */
bool sm_store_fail_code(struct sm_store *store, int code, const char *what, struct sm_err *err);

#endif
