/* The bytes of a file one by one, with the number of the line they are in. */
#ifndef SM_IO_BYTE_READER_H
#define SM_IO_BYTE_READER_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Called at the end of the file, which may be growing: true if there is more now. False with `err`
 * untouched: this is the end. */
typedef bool sm_more_fn(void *arg, struct sm_err *err);

struct sm_byte_reader {
    int fd;
    char *chunk;
    size_t at, len; /* in `chunk` */
    size_t line;    /* of the next byte, from 1 */
    bool ended;
    sm_more_fn *more; /* or NULL */
    void *arg;
    struct sm_err err; /* why reading failed: then the bytes end there */
};

/* Opens `name`, "-" is standard input, and skips a byte order mark. `more` may be NULL. False with
 * `err`: it cannot be opened. */
bool sm_byte_reader_open(struct sm_byte_reader *bytes, const char *name, sm_more_fn *more,
                         void *arg, struct sm_err *err);
void sm_byte_reader_close(struct sm_byte_reader *bytes);

/* The next byte, taken or not; -1 at the end. */
int sm_byte_reader_take(struct sm_byte_reader *bytes);
int sm_byte_reader_peek(struct sm_byte_reader *bytes);

/* Appends the rest of the line without its newline (what goes beyond the bound of `text` is read
 * and dropped). False at the end of the file, when there is nothing left. */
bool sm_byte_reader_rest(struct sm_byte_reader *bytes, struct sm_buf *text);

/* Skips white space, newlines too; the byte behind it, not taken. */
int sm_byte_reader_skip(struct sm_byte_reader *bytes);

#endif
