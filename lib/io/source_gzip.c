#include "lib/base/mem.h"
#include "lib/io/internal/source.h"

#include <zlib.h>

#define GZIP_WINDOW (15 + 16) /* the largest, and a gzip header around the data */

struct gzip_source {
    struct sm_source source;
    struct sm_feed below;
    z_stream stream;
    bool inside; /* of a member */
};

bool sm_is_gzip(const char *bytes, size_t len)
{
    return len >= 3 && memcmp(bytes, "\x1f\x8b\x08", 3) == 0;
}

/* At the end of a member: whether another one follows. Tapes and block devices pad with zeros. */
static bool next_member(struct gzip_source *gzip, struct sm_err *err)
{
    struct sm_feed *below = &gzip->below;
    size_t len = sm_feed_fill(below, 3, err);
    if (err->message)
        return false;
    if (sm_is_gzip(below->data + below->at, len))
        return gzip->inside = inflateReset(&gzip->stream) == Z_OK;
    while (sm_feed_fill(below, 1, err) && below->data[below->at] == '\0')
        below->at++;
    if (below->at < below->len)
        sm_source_not_packed("gzip", err);
    return false;
}

static size_t refuse(const z_stream *stream, struct sm_err *err)
{
    sm_err_set(err, SM_EXIT_INPUT, "get the file again; gzip -t tells whether it is whole",
               "the gzip data is damaged (%s): what follows is not read",
               stream->msg ? stream->msg : "not gzip");
    return 0;
}

/* An error waits until what came before it is taken: zlib then says it again. */
static size_t read_gzip(struct sm_source *source, char *out, size_t room, struct sm_err *err)
{
    struct gzip_source *gzip = (struct gzip_source *)source;
    struct sm_feed *below = &gzip->below;
    z_stream *stream = &gzip->stream;
    stream->next_out = (unsigned char *)out;
    stream->avail_out = room > SM_FEED_BYTES ? SM_FEED_BYTES : (uInt)room;
    while (stream->next_out == (unsigned char *)out) {
        if (!gzip->inside && !next_member(gzip, err))
            return 0;
        size_t len = sm_feed_fill(below, 1, err);
        if (err->message)
            return 0;
        stream->next_in = (unsigned char *)below->data + below->at;
        stream->avail_in = (uInt)len;
        int code = inflate(stream, Z_NO_FLUSH);
        size_t made = (size_t)((char *)stream->next_out - out);
        below->at += len - stream->avail_in;
        gzip->inside = code != Z_STREAM_END;
        if (made == 0 && code == Z_BUF_ERROR && len == 0)
            return sm_source_cut_off("gzip", err);
        if (made == 0 && code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
            return refuse(stream, err);
    }
    return (size_t)((char *)stream->next_out - out);
}

static void close_gzip(struct sm_source *source)
{
    struct gzip_source *gzip = (struct gzip_source *)source;
    inflateEnd(&gzip->stream);
    sm_feed_close(&gzip->below);
    free(gzip);
}

struct sm_source *sm_source_gzip(const struct sm_feed *below)
{
    struct gzip_source *gzip = sm_alloc(1, sizeof *gzip);
    *gzip =
        (struct gzip_source){.source = {read_gzip, close_gzip}, .below = *below, .inside = true};
    if (inflateInit2(&gzip->stream, GZIP_WINDOW) != Z_OK)
        sm_out_of_memory();
    return &gzip->source;
}
