#include "lib/io/source.h"

#include "lib/base/mem.h"
#include "lib/io/internal/source.h"

#include <errno.h>
#include <unistd.h>

#define STAGES_MAX 4    /* a file that is packed more often is no text */
#define SNIFFED_BYTES 4 /* tell what a stage gives */

struct file_source {
    struct sm_source source;
    int fd;
    sm_more_fn *more;
    void *arg;
};

static size_t read_file(struct sm_source *source, char *out, size_t room, struct sm_err *err)
{
    struct file_source *file = (struct file_source *)source;
    for (;;) {
        ssize_t n = read(file->fd, out, room);
        if (n > 0)
            return (size_t)n;
        if (n < 0 && errno != EINTR) {
            sm_err_set(err, SM_EXIT_INPUT, "check the file, or give - for standard input",
                       "cannot read: %s", strerror(errno));
            return 0;
        }
        if (n == 0 && (!file->more || !file->more(file->arg, err)))
            return 0;
    }
}

static void close_file(struct sm_source *source)
{
    struct file_source *file = (struct file_source *)source;
    if (file->fd > STDIN_FILENO)
        close(file->fd);
    free(file);
}

static struct sm_source *open_file(int fd, sm_more_fn *more, void *arg)
{
    struct file_source *file = sm_alloc(1, sizeof *file);
    *file = (struct file_source){{read_file, close_file}, fd, more, arg};
    return &file->source;
}

/* What the bytes begin with that are text in UTF-16: a byte order mark, or two characters of ASCII.
 * Text in UTF-8 has no NUL at all. */
static bool is_utf16(const char *bytes, size_t len, bool *big_endian)
{
    const unsigned char *b = (const unsigned char *)bytes;
    if (len < SNIFFED_BYTES)
        return false;
    bool marked = (b[0] == 0xff && b[1] == 0xfe) || (b[0] == 0xfe && b[1] == 0xff);
    bool little = b[0] && !b[1] && b[2] && !b[3], big = !b[0] && b[1] && !b[2] && b[3];
    bool utf32 = b[0] == 0xff && !b[2] && !b[3];
    *big_endian = marked ? b[0] == 0xfe : big;
    return (marked && !utf32) || ((little || big) && !((b[0] | b[1] | b[2] | b[3]) & 0x80));
}

/* The next stage on top of the feed, which it takes over; NULL if this is text, or nothing that can
 * be made text. */
static struct sm_source *next_stage(const struct sm_feed *feed)
{
    const char *bytes = feed->data + feed->at;
    size_t len = feed->len - feed->at;
    bool big_endian;
    if (sm_is_gzip(bytes, len))
        return sm_source_gzip(feed);
    if (sm_is_zstd(bytes, len))
        return sm_source_zstd(feed);
    if (is_utf16(bytes, len, &big_endian))
        return sm_source_utf16(feed, big_endian);
    return NULL;
}

void sm_feed_open(struct sm_feed *feed, int fd, sm_more_fn *more, void *arg, struct sm_err *err)
{
    struct sm_source *source = open_file(fd, more, arg);
    for (int stages = 0; source; stages++) {
        sm_feed_begin(feed, source);
        sm_feed_fill(feed, SNIFFED_BYTES, err);
        source = stages < STAGES_MAX ? next_stage(feed) : NULL;
    }
}
