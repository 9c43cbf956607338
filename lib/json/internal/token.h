/* Numbers and hexadecimal digits of JSON text. */
#ifndef SM_JSON_INTERNAL_TOKEN_H
#define SM_JSON_INTERNAL_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

static inline bool sm_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The value of four hexadecimal digits, or -1. */
static inline int sm_hex4(const char *p, const char *end)
{
    int code = 0;
    if (end - p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int lower = p[i] | 0x20;
        if (!sm_is_digit(p[i]) && !(lower >= 'a' && lower <= 'f'))
            return -1;
        code = 16 * code + (sm_is_digit(p[i]) ? p[i] - '0' : lower - 'a' + 10);
    }
    return code;
}

static inline const char *sm_digits_end(const char *p, const char *end)
{
    const char *from = p;
    while (p < end && sm_is_digit(*p))
        p++;
    return p > from ? p : NULL;
}

/* The place behind the number at `p`; NULL if it is none. */
static inline const char *sm_number_end(const char *p, const char *end)
{
    p += p < end && *p == '-';
    p = p < end && *p == '0' ? p + 1 : sm_digits_end(p, end);
    if (p && p < end && *p == '.')
        p = sm_digits_end(p + 1, end);
    if (p && p < end && (*p == 'e' || *p == 'E')) {
        p++;
        p += p < end && (*p == '+' || *p == '-');
        p = sm_digits_end(p, end);
    }
    return p;
}

#endif
