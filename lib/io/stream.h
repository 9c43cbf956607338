/* JSON Lines in and out: whole lines from a list of files, and a queue to one descriptor. */
#ifndef SM_IO_STREAM_H
#define SM_IO_STREAM_H

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/io/progress.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SM_LINE_MAX_BYTES ((size_t)64 << 20) /* a longer line is reported and skipped */

struct sm_input;

enum sm_read {
    SM_READ_LINE, /* a line is there */
    SM_READ_WAIT, /* nothing to read right now */
    SM_READ_END,  /* all files are read */
    SM_READ_BAD,  /* the line is too long: go on with the next */
    SM_READ_FAIL, /* a file cannot be opened or read: go on with the next */
};

/* Reads `count` files one after another; "-" is standard input, and so is an empty list. Borrows
 * `names` for its life. */
struct sm_input *sm_input_open(const char *const *names, size_t count);
void sm_input_close(struct sm_input *input);

/* From now on blank lines are not skipped, and no line is taken for the first of a value over
 * several. */
void sm_input_each(struct sm_input *input);

/* The next line, without its newline; blank lines are skipped. `line` lives until the next call.
 * With `wait` false it returns SM_READ_WAIT instead of waiting for a pipe. */
enum sm_read sm_input_next(struct sm_input *input, bool wait, const char **line, size_t *len,
                           struct sm_err *err);

/* Where the last line came from: its file ("stdin" for standard input), its number from 1, the
 * offset of its first byte; and the descriptor to poll, -1 if no file is open. */
const char *sm_input_name(const struct sm_input *input);
size_t sm_input_line(const struct sm_input *input);
off_t sm_input_offset(const struct sm_input *input);
int sm_input_fd(const struct sm_input *input);

/* What part of the input is read, 0 to 1; -1 if that is not known, as of a pipe. */
double sm_input_share(const struct sm_input *input);

/* Bytes to be written to `fd`: whole characters. All-zero but for `fd` is valid. */
struct sm_output {
    int fd;
    bool terminal; /* what is not printable is not written: see sm_printable() */
    struct sm_buf pending;
    size_t printable;                   /* how many bytes of `pending` are so already */
    const struct sm_progress *progress; /* shares the terminal, and is erased before; or NULL */
    bool within;                        /* the last write ended within a line */
    bool broken;                        /* a write failed: nothing more will be written */
};

/* Appends text of which all is printable, or meant for the terminal. */
void sm_output_add_shown(struct sm_output *output, const char *text, size_t len);

/* Writes what is pending: all of it with `wait`, else as much as does not block. False with `err`
 * if the reader is gone (code SM_EXIT_SIGNAL + SIGPIPE, no message) or the write fails; from then
 * on it does nothing and returns true. */
bool sm_output_drain(struct sm_output *output, bool wait, struct sm_err *err);

#endif
