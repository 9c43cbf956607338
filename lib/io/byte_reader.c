#include "lib/io/byte_reader.h"

#include "lib/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define CHUNK_BYTES ((size_t)64 << 10)

/* Reads on until `want` bytes are there to take, or the file ends. A pipe may deliver them in
 * pieces. False if there are fewer. */
static bool fill(struct sm_byte_reader *bytes, size_t want)
{
    if (bytes->at == bytes->len)
        bytes->at = bytes->len = 0;
    while (bytes->len - bytes->at < want && !bytes->ended) {
        ssize_t n = read(bytes->fd, bytes->chunk + bytes->len, CHUNK_BYTES - bytes->len);
        if (n > 0) {
            bytes->len += (size_t)n;
        } else if (n < 0 && errno != EINTR) {
            sm_err_set(&bytes->err, SM_EXIT_INPUT, "check the file, or give - for standard input",
                       "cannot read: %s", strerror(errno));
            bytes->ended = true;
        } else if (n == 0) {
            bytes->ended = !bytes->more || !bytes->more(bytes->arg, &bytes->err);
        }
    }
    return bytes->len - bytes->at >= want;
}

bool sm_byte_reader_open(struct sm_byte_reader *bytes, const char *name, sm_more_fn *more,
                         void *arg, struct sm_err *err)
{
    bool standard = strcmp(name, "-") == 0;
    *bytes = (struct sm_byte_reader){.line = 1, .more = more, .arg = arg};
    bytes->fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    if (bytes->fd < 0)
        return sm_err_set(err, SM_EXIT_INPUT, "check the name, or give - for standard input",
                          "cannot open: %s", strerror(errno));
    bytes->chunk = sm_alloc(CHUNK_BYTES, 1);
    if (fill(bytes, 3) && memcmp(bytes->chunk, "\xef\xbb\xbf", 3) == 0)
        bytes->at = 3;
    return true;
}

void sm_byte_reader_close(struct sm_byte_reader *bytes)
{
    if (bytes->chunk && bytes->fd > STDIN_FILENO)
        close(bytes->fd);
    free(bytes->chunk);
    sm_err_clear(&bytes->err);
    *bytes = (struct sm_byte_reader){.fd = -1};
}

int sm_byte_reader_peek(struct sm_byte_reader *bytes)
{
    if (bytes->at == bytes->len && !fill(bytes, 1))
        return -1;
    return (unsigned char)bytes->chunk[bytes->at];
}

int sm_byte_reader_take(struct sm_byte_reader *bytes)
{
    int c = sm_byte_reader_peek(bytes);
    bytes->at += c >= 0;
    bytes->line += c == '\n';
    return c;
}

bool sm_byte_reader_rest(struct sm_byte_reader *bytes, struct sm_buf *text)
{
    bool any = false;
    while (sm_byte_reader_peek(bytes) >= 0) {
        const char *from = bytes->chunk + bytes->at;
        const char *newline = memchr(from, '\n', bytes->len - bytes->at);
        size_t len = newline ? (size_t)(newline - from) : bytes->len - bytes->at;
        any = true;
        sm_buf_add(text, from, len);
        bytes->at += len;
        if (newline) {
            sm_byte_reader_take(bytes);
            break;
        }
    }
    return any;
}

int sm_byte_reader_skip(struct sm_byte_reader *bytes)
{
    int c;
    while ((c = sm_byte_reader_peek(bytes)) == ' ' || c == '\t' || c == '\r' || c == '\n')
        sm_byte_reader_take(bytes);
    return c;
}
