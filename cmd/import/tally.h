/* Counts by reason, each with the place where it came up first. */
#ifndef CMD_IMPORT_TALLY_H
#define CMD_IMPORT_TALLY_H

#include "lib/base/buf.h"
#include "lib/base/string_set.h"

struct import_tally {
    struct sm_string_set *reasons; /* NULL: none yet */
    struct import_count {
        size_t count;
        char *first;
    } * counts; /* by reason */
    size_t room, total;
};

/* Counts `reason` once more; it is at `where`. */
void import_tally_add(struct import_tally *tally, const char *reason, const char *where);

/* Appends {"REASON":COUNT,…}. */
void import_tally_record(const struct import_tally *tally, struct sm_buf *out);

/* Appends "; WHAT: 3 REASON (first: WHERE), …", or nothing. */
void import_tally_tell(const struct import_tally *tally, const char *what, struct sm_buf *out);

void import_tally_release(struct import_tally *tally);

#endif
