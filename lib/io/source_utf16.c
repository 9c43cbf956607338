#include "lib/base/mem.h"
#include "lib/io/internal/source.h"

#include <stdint.h>

#define REPLACEMENT 0xfffdu
#define CHARACTER_BYTES 4 /* at most, in UTF-8 and in UTF-16 */

struct utf16_source {
    struct sm_source source;
    struct sm_feed below;
    bool big_endian;
};

static uint32_t unit_at(const struct utf16_source *utf16, size_t offset)
{
    const unsigned char *b = (unsigned char *)utf16->below.data + utf16->below.at + offset;
    return utf16->big_endian ? (uint32_t)b[0] << 8 | b[1] : (uint32_t)b[1] << 8 | b[0];
}

/* Takes a character, of which `len` (at least two) bytes are there. */
static uint32_t take(struct utf16_source *utf16, size_t len)
{
    uint32_t code = unit_at(utf16, 0);
    utf16->below.at += 2;
    if (code < 0xd800 || code > 0xdfff)
        return code;
    uint32_t low = code < 0xdc00 && len >= 4 ? unit_at(utf16, 0) : 0;
    if (low < 0xdc00 || low > 0xdfff)
        return REPLACEMENT;
    utf16->below.at += 2;
    return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}

static size_t write_utf8(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = len; --i > 0; code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)((0xf00u >> len) | code);
    return len;
}

static size_t read_utf16(struct sm_source *source, char *out, size_t room, struct sm_err *err)
{
    struct utf16_source *utf16 = (struct utf16_source *)source;
    size_t used = 0, len = 0;
    while (room - used >= CHARACTER_BYTES) {
        len = utf16->below.len - utf16->below.at;
        if (len < CHARACTER_BYTES)
            len = used ? 0 : sm_feed_fill(&utf16->below, CHARACTER_BYTES, err);
        if (len < 2)
            break;
        used += write_utf8(take(utf16, len), out + used);
    }
    if (used == 0 && len == 1 && !err->message)
        sm_err_set(err, SM_EXIT_INPUT, "get the whole file again",
                   "the text in UTF-16 ends inside of a character: the file is cut off");
    return used;
}

static void close_utf16(struct sm_source *source)
{
    struct utf16_source *utf16 = (struct utf16_source *)source;
    sm_feed_close(&utf16->below);
    free(utf16);
}

struct sm_source *sm_source_utf16(const struct sm_feed *below, bool big_endian)
{
    struct utf16_source *utf16 = sm_alloc(1, sizeof *utf16);
    *utf16 = (struct utf16_source){{read_utf16, close_utf16}, *below, big_endian};
    return &utf16->source;
}
