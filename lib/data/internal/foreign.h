/* Files that are not text: recognised by how they begin, to say what turns them into rows. */
#ifndef SM_DATA_INTERNAL_FOREIGN_H
#define SM_DATA_INTERNAL_FOREIGN_H

#include "lib/base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define SM_FOREIGN_BYTES ((size_t)16) /* are enough to recognise most */

enum sm_foreign_reader {
    SM_FOREIGN_NONE,    /* nothing that we would run */
    SM_FOREIGN_PARQUET, /* duckdb, or python3 with pyarrow */
    SM_FOREIGN_ARROW,   /* python3 with pyarrow */
};

struct sm_foreign {
    const char *magic;
    size_t len, at;      /* of the magic, and where it stands; 0, 0: anywhere in what is there */
    const char *what;    /* "an xz archive" */
    const char *command; /* what converts FILE, or what to do else */
    enum sm_foreign_reader reader;
};

/* What a file is whose first bytes these are; NULL: text, as far as can be seen. */
const struct sm_foreign *sm_foreign_find(const char *bytes, size_t len);

/* Sets `err` to what it is, and the command with the file's name in it; `packed`: the file is gzip
 * or the like, and holds it. Returns false. */
bool sm_foreign_refuse(const struct sm_foreign *foreign, const char *name, bool packed,
                       struct sm_err *err);

#endif
