#include "lib/base/mem.h"
#include "lib/io/internal/source.h"

bool sm_is_zstd(const char *bytes, size_t len)
{
    /* A frame, or one to be skipped, as packers put in front. */
    return len >= 4 && (memcmp(bytes, "\x28\xb5\x2f\xfd", 4) == 0 ||
                        (((unsigned char)bytes[0] & 0xf0) == 0x50 &&
                         memcmp(bytes + 1, "\x2a\x4d\x18", 3) == 0));
}

struct zstd_source {
    struct sm_source source;
    struct sm_feed below;
    struct ZSTD_DCtx_s *stream;
    bool inside; /* of a frame */
};

#ifdef SM_ZSTD
#include <zstd.h>

/* The library refuses a window of more than 128 MiB, so memory is bounded. */
static size_t refuse(size_t code, struct sm_err *err)
{
    const char *why = ZSTD_getErrorName(code);
    sm_err_set(err, SM_EXIT_INPUT,
               strstr(why, "memory") ? "unpack it: zstd -dc --long=31 FILE | sm-import ..."
                                     : "get the file again; zstd -t tells whether it is whole",
               "the zstd data cannot be unpacked (%s): what follows is not read", why);
    return 0;
}

static size_t read_zstd(struct sm_source *source, char *out, size_t room, struct sm_err *err)
{
    struct zstd_source *zstd = (struct zstd_source *)source;
    struct sm_feed *below = &zstd->below;
    ZSTD_outBuffer to = {out, room, 0};
    while (to.pos == 0) {
        size_t len = sm_feed_fill(below, zstd->inside ? 1 : 4, err);
        if (err->message || (len == 0 && !zstd->inside))
            return 0;
        if (!zstd->inside && !sm_is_zstd(below->data + below->at, len))
            return sm_source_not_packed("zstd", err);
        ZSTD_inBuffer from = {below->data + below->at, len, 0};
        size_t code = ZSTD_decompressStream(zstd->stream, &to, &from);
        below->at += from.pos;
        if (ZSTD_isError(code))
            return refuse(code, err);
        zstd->inside = code != 0;
        if (len == 0 && zstd->inside && to.pos == 0)
            return sm_source_cut_off("zstd", err);
    }
    return to.pos;
}

static void close_zstd(struct sm_source *source)
{
    struct zstd_source *zstd = (struct zstd_source *)source;
    ZSTD_freeDCtx(zstd->stream);
    sm_feed_close(&zstd->below);
    free(zstd);
}

static struct ZSTD_DCtx_s *new_stream(void)
{
    struct ZSTD_DCtx_s *stream = ZSTD_createDCtx();
    if (!stream)
        sm_out_of_memory();
    return stream;
}

#else

static size_t read_zstd(struct sm_source *source, char *out, size_t room, struct sm_err *err)
{
    (void)source, (void)out, (void)room;
    sm_err_set(err, SM_EXIT_INPUT,
               "unpack it: zstd -dc FILE | sm-import ..., or build with libzstd",
               "a zstd file, which this build cannot unpack (it was made without libzstd)");
    return 0;
}

static void close_zstd(struct sm_source *source)
{
    struct zstd_source *zstd = (struct zstd_source *)source;
    sm_feed_close(&zstd->below);
    free(zstd);
}

static struct ZSTD_DCtx_s *new_stream(void)
{
    return NULL;
}

#endif

struct sm_source *sm_source_zstd(const struct sm_feed *below)
{
    struct zstd_source *zstd = sm_alloc(1, sizeof *zstd);
    *zstd = (struct zstd_source){
        .source = {read_zstd, close_zstd}, .below = *below, .stream = new_stream()};
    return &zstd->source;
}
