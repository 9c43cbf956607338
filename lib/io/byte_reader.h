/* Reads a file byte by byte and counts its lines. */
#ifndef SM_IO_BYTE_READER_H
#define SM_IO_BYTE_READER_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Called at the end of a file that may grow: true if there is more now, false without an error if
 * this is the end. */
typedef bool sm_more_fn(void *arg, struct sm_err *err);

struct sm_byte_reader {
    int fd;
    char *chunk;
    size_t at, len; /* in `chunk` */
    size_t line;    /* of the next byte, from 1 */
    bool ended;
    sm_more_fn *more; /* may be NULL */
    void *arg;
    struct sm_err err; /* why reading failed; no bytes follow */
};

/* Opens `name` ("-" is standard input) and skips a byte order mark. `more` may be NULL. False with
 * `err` if the file cannot be opened. */
bool sm_byte_reader_open(struct sm_byte_reader *bytes, const char *name, sm_more_fn *more,
                         void *arg, struct sm_err *err);
void sm_byte_reader_close(struct sm_byte_reader *bytes);

/* The next byte, or -1 at the end. Peeking leaves it there. */
int sm_byte_reader_take(struct sm_byte_reader *bytes);
int sm_byte_reader_peek(struct sm_byte_reader *bytes);

/* Appends the rest of the line, without its newline. A line that exceeds the bound of `text` is
 * read to its end, and text->over is set. False at the end of the file. */
bool sm_byte_reader_rest(struct sm_byte_reader *bytes, struct sm_buf *text);

/* Skips white space and newlines. Returns the byte behind them, as sm_byte_reader_peek() does. */
int sm_byte_reader_skip(struct sm_byte_reader *bytes);

#endif
