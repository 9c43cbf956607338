/* Reads the text of a file, whatever it is packed or encoded in (lib/io/source.h), byte by byte or
 * in larger pieces, and counts its lines. A line ends with LF, CR LF or CR. */
#ifndef SM_IO_BYTE_READER_H
#define SM_IO_BYTE_READER_H

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/io/source.h"

#include <stdbool.h>
#include <stddef.h>

struct sm_byte_reader {
    struct sm_feed feed;
    int fd;            /* of the file itself; owned by the feed */
    size_t line;       /* of the next byte, from 1 */
    bool after_return; /* the last byte was CR: a LF belongs to it */
    bool skip_newline; /* such a LF is not given */
    struct sm_err err; /* why reading failed; no bytes follow */
};

/* Opens `name` ("-" is standard input) and skips a byte order mark. `more` may be NULL. False with
 * `err` if the file cannot be opened. */
bool sm_byte_reader_open(struct sm_byte_reader *bytes, const char *name, sm_more_fn *more,
                         void *arg, struct sm_err *err);

/* The same for an open file, which it then owns. */
void sm_byte_reader_attach(struct sm_byte_reader *bytes, int fd, sm_more_fn *more, void *arg);
void sm_byte_reader_close(struct sm_byte_reader *bytes);

/* The next byte, or -1 at the end. Peeking leaves it there. */
int sm_byte_reader_take(struct sm_byte_reader *bytes);
int sm_byte_reader_peek(struct sm_byte_reader *bytes);

/* Sets *from to what comes next and returns how many bytes of it are at hand: at least `want`,
 * unless the file ends before. They stay there, and live until the next call. */
size_t sm_byte_reader_ahead(struct sm_byte_reader *bytes, size_t want, const char **from);

/* Takes `count` bytes of those at hand. */
void sm_byte_reader_drop(struct sm_byte_reader *bytes, size_t count);

/* To be called when CR, just taken, ends a line: a LF that comes next is part of the line's end.
 * (Looking for it at once might wait for it.) */
void sm_byte_reader_end_line(struct sm_byte_reader *bytes);

/* Appends the rest of the line, or `most` bytes of it, and takes the line's end. Returns the byte
 * that ended the line, 0 if the line goes on, -1 at the end of the file. What exceeds the bound of
 * `text` is dropped, and text->over is set. */
int sm_byte_reader_line(struct sm_byte_reader *bytes, size_t most, struct sm_buf *text);

/* Appends the rest of the line up to a LF, which it takes. A line that exceeds the bound of `text`
 * is read to its end, and text->over is set. False at the end of the file. */
bool sm_byte_reader_rest(struct sm_byte_reader *bytes, struct sm_buf *text);

/* Skips white space and newlines. Returns the byte behind them, as sm_byte_reader_peek() does. */
int sm_byte_reader_skip(struct sm_byte_reader *bytes);

/* Skips a byte order mark, which begins a file, or what cat has put behind another. */
void sm_byte_reader_skip_mark(struct sm_byte_reader *bytes);

/* Puts text that was taken, and began in `line`, back before what comes next. */
void sm_byte_reader_put_back(struct sm_byte_reader *bytes, const struct sm_buf *text, size_t line);

#endif
