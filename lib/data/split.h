/* Divides one user's rows into train, val and test, and chooses the order in which training shows
 * the replies of a pair. Both follow the reference. */
#ifndef SM_DATA_SPLIT_H
#define SM_DATA_SPLIT_H

#include "lib/base/buf.h"
#include "lib/io/user_spool.h"

struct sm_split_options {
    double ratio;      /* of the rows not held out: the first int(ratio * n) are train */
    double test;       /* rows to hold out at the end; below 1: their share of all */
    const char *group; /* rows with an equal value of this field stay together; or NULL */
    long shuffle;      /* seed of CPython's generator; negative: no shuffling */
};
#define SM_SPLIT_DEFAULTS                                                                          \
    {                                                                                              \
        .ratio = 0.7, .shuffle = -1                                                                \
    }

struct sm_split_counts {
    size_t train, val, test;
};

/* Appends a user's lines: pairs as `pair` records with index, split and flip before their other
 * members, which keep their order and bytes; other lines as they are, in place. Counts the pairs.
 * May reorder `lines`, all of which sm_record_parse() has accepted. */
void sm_split_user(const struct sm_split_options *options, const char *user,
                   struct sm_user_lines *lines, struct sm_buf *out, struct sm_split_counts *counts);

#endif
