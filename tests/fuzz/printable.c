/* covers: lib/base/printable.c lib/base/utf8.c
 *
 * Text on its way to a terminal. */
#include "tests/fuzz/support.h"

#include "lib/base/mem.h"
#include "lib/base/printable.h"
#include "lib/base/utf8.h"

static void check_shown(const struct sm_buf *out, bool lines)
{
    REQUIRE(sm_utf8_valid(sm_buf_text(out), out->len) == out->len);
    for (size_t i = 0; i < out->len;) {
        uint32_t code;
        unsigned char c = (unsigned char)out->data[i];
        REQUIRE((c >= 0x20 && c != 0x7f) || (lines && (c == '\n' || c == '\t')));
        i += sm_utf8_decode(out->data + i, out->len - i, &code);
        REQUIRE(sm_is_printable(code) || c < 0x20);
        REQUIRE(code < 0x80 || code >= 0xa0);
        REQUIRE(!(code >= 0x2028 && code <= 0x202e) && !(code >= 0x2066 && code <= 0x2069));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    for (int lines = 0; lines < 2; lines++) {
        struct sm_buf out = {0}, again = {0};
        sm_printable(&out, text, size, lines);
        check_shown(&out, lines);
        sm_printable(&again, sm_buf_text(&out), out.len, lines);
        REQUIRE(strcmp(sm_buf_text(&again), sm_buf_text(&out)) == 0);
        sm_buf_release(&out);
        sm_buf_release(&again);
    }
    return 0;
}
