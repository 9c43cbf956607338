/* The bytes of a file as text: a file on the disk or a pipe, and on top of it whatever unpacks it
 * (gzip, zstd) and recodes it (UTF-16), as its first bytes say. Each stage reads from the one below
 * and holds a fixed amount, however much comes out of it. */
#ifndef SM_IO_SOURCE_H
#define SM_IO_SOURCE_H

#include "lib/base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Called at the end of a file that may grow: true if there is more now, false without an error if
 * this is the end. */
typedef bool sm_more_fn(void *arg, struct sm_err *err);

struct sm_source {
    /* Writes up to `room` bytes to `out`. 0 at the end, and with `err` where reading failed; is not
     * called again then. */
    size_t (*read)(struct sm_source *source, char *out, size_t room, struct sm_err *err);
    void (*close)(struct sm_source *source);
};

/* Bytes of a source, ahead of whoever takes them: those from `at` to `len` are there. */
struct sm_feed {
    struct sm_source *source;
    char *data;
    size_t at, len, room;
    bool ended; /* the source has no more */
};

/* Reads the bytes of `fd`, which it owns unless it is standard input, and `more` (may be NULL). A
 * failure may show here or in sm_feed_fill(). */
void sm_feed_open(struct sm_feed *feed, int fd, sm_more_fn *more, void *arg, struct sm_err *err);
void sm_feed_close(struct sm_feed *feed);

/* Reads on until `want` bytes are there to take, or the source ends; `err` says if it failed.
 * Returns how many there are, maybe more. */
size_t sm_feed_fill(struct sm_feed *feed, size_t want, struct sm_err *err);

/* Puts `len` bytes before those that are there. */
void sm_feed_put_back(struct sm_feed *feed, const char *text, size_t len);

#endif
