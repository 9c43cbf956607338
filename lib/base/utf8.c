#include "lib/base/utf8.h"

#include "lib/base/swar.h"

size_t sm_utf8_sequence(const char *text, size_t left)
{
    const unsigned char *p = (const unsigned char *)text;
    if (p[0] < 0x80)
        return 1;
    size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || n > left)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    }
    bool overlong = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90);
    bool surrogate = p[0] == 0xed && p[1] > 0x9f;
    bool beyond = p[0] == 0xf4 && p[1] > 0x8f;
    return overlong || surrogate || beyond ? 0 : n;
}

size_t sm_utf8_valid(const char *text, size_t len)
{
    size_t i = 0;
    while (i < len) {
        while (i + 8 <= len && !sm_swar_high(sm_swar_at(text + i)))
            i += 8;
        if (i == len)
            break;
        size_t n = sm_utf8_sequence(text + i, len - i);
        if (n == 0)
            break;
        i += n;
    }
    return i;
}

size_t sm_utf8_decode(const char *text, size_t left, uint32_t *code)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t n = sm_utf8_sequence(text, left);
    if (n == 0) {
        *code = SM_UTF8_BAD;
        return 1;
    }
    *code = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++)
        *code = *code << 6 | (p[i] & 0x3fu);
    return n;
}
