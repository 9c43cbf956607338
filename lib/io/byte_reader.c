#include "lib/io/byte_reader.h"

#include "lib/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define MARK "\xef\xbb\xbf" /* the byte order mark in UTF-8 */

void sm_byte_reader_attach(struct sm_byte_reader *bytes, int fd, sm_more_fn *more, void *arg)
{
    *bytes = (struct sm_byte_reader){.fd = fd, .line = 1};
    sm_feed_open(&bytes->feed, fd, more, arg, &bytes->err);
    sm_byte_reader_skip_mark(bytes);
}

bool sm_byte_reader_open(struct sm_byte_reader *bytes, const char *name, sm_more_fn *more,
                         void *arg, struct sm_err *err)
{
    bool standard = strcmp(name, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return sm_err_set(err, SM_EXIT_INPUT, "check the name, or give - for standard input",
                          "cannot open: %s", strerror(errno));
    sm_byte_reader_attach(bytes, fd, more, arg);
    return true;
}

void sm_byte_reader_close(struct sm_byte_reader *bytes)
{
    sm_feed_close(&bytes->feed);
    sm_err_clear(&bytes->err);
    *bytes = (struct sm_byte_reader){.fd = -1};
}

static bool fill(struct sm_byte_reader *bytes)
{
    struct sm_feed *feed = &bytes->feed;
    if (feed->at == feed->len && sm_feed_fill(feed, 1, &bytes->err) == 0)
        return false;
    if (!bytes->skip_newline)
        return true;
    bytes->skip_newline = false;
    if (feed->data[feed->at] != '\n')
        return true;
    bytes->after_return = false;
    feed->at++;
    return fill(bytes);
}

size_t sm_byte_reader_ahead(struct sm_byte_reader *bytes, size_t want, const char **from)
{
    size_t len = fill(bytes) ? bytes->feed.len - bytes->feed.at : 0;
    if (len && len < want)
        len = sm_feed_fill(&bytes->feed, want, &bytes->err);
    *from = len ? bytes->feed.data + bytes->feed.at : "";
    return len;
}

/* Most bytes end no line, so they are looked for by the library. */
void sm_byte_reader_drop(struct sm_byte_reader *bytes, size_t count)
{
    const char *from = bytes->feed.data + bytes->feed.at, *end = from + count, *p = from;
    if (count == 0)
        return;
    bytes->feed.at += count;
    bytes->line -= bytes->after_return && *from == '\n';
    while ((p = memchr(p, '\n', (size_t)(end - p)))) {
        bytes->line++;
        p++;
    }
    for (p = from; (p = memchr(p, '\r', (size_t)(end - p))); p++)
        bytes->line += p + 1 == end || p[1] != '\n';
    bytes->after_return = end[-1] == '\r';
}

int sm_byte_reader_peek(struct sm_byte_reader *bytes)
{
    return fill(bytes) ? (unsigned char)bytes->feed.data[bytes->feed.at] : -1;
}

int sm_byte_reader_take(struct sm_byte_reader *bytes)
{
    int c = sm_byte_reader_peek(bytes);
    if (c < 0)
        return c;
    bytes->feed.at++;
    bytes->line += c == '\n' ? !bytes->after_return : c == '\r';
    bytes->after_return = c == '\r';
    return c;
}

void sm_byte_reader_end_line(struct sm_byte_reader *bytes)
{
    bytes->skip_newline = bytes->after_return;
}

int sm_byte_reader_line(struct sm_byte_reader *bytes, size_t most, struct sm_buf *text)
{
    const char *from;
    size_t len = 0, left;
    while (len < most && (left = sm_byte_reader_ahead(bytes, 1, &from))) {
        left = left < most - len ? left : most - len;
        const char *newline = memchr(from, '\n', left);
        size_t piece = newline ? (size_t)(newline - from) : left;
        const char *carriage_return = memchr(from, '\r', piece);
        piece = carriage_return ? (size_t)(carriage_return - from) : piece;
        sm_buf_add(text, from, piece);
        sm_byte_reader_drop(bytes, piece);
        len += piece;
        if (carriage_return || newline) {
            int c = sm_byte_reader_take(bytes);
            sm_byte_reader_end_line(bytes);
            return c;
        }
    }
    return len ? 0 : -1;
}

bool sm_byte_reader_rest(struct sm_byte_reader *bytes, struct sm_buf *text)
{
    const char *from;
    size_t len;
    bool any = false;
    while ((len = sm_byte_reader_ahead(bytes, 1, &from))) {
        const char *newline = memchr(from, '\n', len);
        len = newline ? (size_t)(newline - from) : len;
        any = true;
        sm_buf_add(text, from, len);
        bytes->feed.at += len;
        if (newline) {
            bytes->feed.at++;
            bytes->line++;
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

void sm_byte_reader_skip_mark(struct sm_byte_reader *bytes)
{
    const char *from;
    size_t len = strlen(MARK);
    if (sm_byte_reader_peek(bytes) == (unsigned char)MARK[0] &&
        sm_byte_reader_ahead(bytes, len, &from) >= len && memcmp(from, MARK, len) == 0)
        sm_byte_reader_drop(bytes, len);
}

void sm_byte_reader_put_back(struct sm_byte_reader *bytes, const struct sm_buf *text, size_t line)
{
    fill(bytes); /* the LF of a line's end that is taken goes with it */
    sm_feed_put_back(&bytes->feed, sm_buf_text(text), text->len);
    bytes->line = line;
    bytes->after_return = false;
}
