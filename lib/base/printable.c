#include "lib/base/printable.h"

#include "lib/base/utf8.h"

static bool within(uint32_t code, uint32_t low, uint32_t high)
{
    return code >= low && code <= high;
}

bool sm_is_printable(uint32_t code)
{
    if (within(code, 0x20, 0x7e))
        return true;
    return !(code < 0xa0 || code == SM_UTF8_BAD || code == 0x61c || within(code, 0x200e, 0x200f) ||
             within(code, 0x2028, 0x202e) || within(code, 0x2066, 0x2069) || code == 0xfeff ||
             within(code, 0xfff9, 0xfffb) || within(code, 0xe0000, 0xe007f) ||
             (code & 0xfffe) == 0xfffe);
}

void sm_printable(struct sm_buf *out, const char *text, size_t len, bool lines)
{
    size_t good = 0; /* where what is printable began */
    for (size_t i = 0; i < len;) {
        uint32_t code;
        size_t n = sm_utf8_decode(text + i, len - i, &code);
        bool ends = code == '\n' || (code == '\r' && i + 1 < len && text[i + 1] == '\n');
        bool shown = sm_is_printable(code) || (lines && (ends || code == '\t'));
        if (!shown) {
            sm_buf_add(out, text + good, i - good);
            sm_buf_str(out, SM_UNPRINTABLE);
            good = i + n;
        }
        i += n;
    }
    sm_buf_add(out, text + good, len - good);
}
