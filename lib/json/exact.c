#include "lib/json/exact.h"

#include "lib/base/mem.h"
#include "lib/json/internal/skip.h"
#include "lib/json/internal/token.h"

#include <math.h>

#define LONG_DIGITS 16   /* an integer of so many may not fit a double */
#define LARGE_DIGITS 300 /* without an exponent a number of fewer digits fits one */
#define TOKEN_MAX 4096   /* a longer number is not looked at more closely */
#define ESCAPE_BYTES 6   /* of \uXXXX */
#define REPLACEMENT "\\ufffd"

struct exact {
    const char *copied; /* what precedes is in `out` */
    struct sm_buf *out;
    unsigned found;
};

/* Puts `with`, or if it is NULL a string of these bytes, in place of `len` bytes at `from`. */
static void replace(struct exact *x, unsigned what, const char *from, size_t len, const char *with)
{
    if (!x->found)
        sm_buf_clear(x->out);
    x->found |= what;
    sm_buf_add(x->out, x->copied, (size_t)(from - x->copied));
    if (with) {
        sm_buf_str(x->out, with);
    } else {
        sm_buf_char(x->out, '"');
        sm_buf_add(x->out, from, len);
        sm_buf_char(x->out, '"');
    }
    x->copied = from + len;
}

/* Whether an escape of a surrogate may be there: a backslash, u and d. */
static bool may_have_surrogates(const char *p, const char *end)
{
    while ((p = memchr(p, '\\', (size_t)(end - p))) && end - p >= ESCAPE_BYTES) {
        if (p[1] == 'u' && (p[2] | 0x20) == 'd')
            return true;
        p += 2;
    }
    return false;
}

static bool is_low(const char *p, const char *end)
{
    int code = end - p >= ESCAPE_BYTES && p[0] == '\\' && p[1] == 'u' ? sm_hex4(p + 2, end) : -1;
    return code >= 0xdc00 && code <= 0xdfff;
}

/* Replaces the lone surrogates of a string. */
static void check_string(struct exact *x, const char *p, const char *end)
{
    while ((p = memchr(p, '\\', (size_t)(end - p))) && end - p >= ESCAPE_BYTES) {
        int code = p[1] == 'u' ? sm_hex4(p + 2, end) : -1;
        bool half = code >= 0xd800 && code <= 0xdfff;
        bool whole = half && code < 0xdc00 && is_low(p + ESCAPE_BYTES, end);
        if (half && !whole)
            replace(x, SM_EXACT_SURROGATES, p, ESCAPE_BYTES, REPLACEMENT);
        p += whole ? 2 * ESCAPE_BYTES : half ? ESCAPE_BYTES : 2;
    }
}

static bool in_token(char c)
{
    return sm_is_digit(c) || c == '.' || c == '+' || c == '-' || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

static bool is_word(const char *from, size_t len, const char *word)
{
    return len == strlen(word) && memcmp(from, word, len) == 0;
}

static bool is_too_large(const char *from, const char *end)
{
    char text[TOKEN_MAX];
    size_t len = (size_t)(end - from);
    if (len == 0 || len >= sizeof text || sm_number_end(from, end) != end)
        return false;
    memcpy(text, from, len);
    text[len] = '\0';
    return isinf(strtod(text, NULL));
}

/* What is wrong with a number, or a word in its place; 0 if nothing is. */
static unsigned judge(const char *from, const char *end)
{
    size_t len = (size_t)(end - from), sign = *from == '-' || *from == '+';
    const char *digits = sm_digits_end(from + sign, end);
    if (digits && digits == end && len - sign >= LONG_DIGITS)
        return SM_EXACT_INTEGERS;
    if (is_word(from, len, "NaN") || is_word(from + sign, len - sign, "Infinity"))
        return SM_EXACT_NO_NUMBERS;
    bool large = digits && (len > LARGE_DIGITS || memchr(from, 'e', len) || memchr(from, 'E', len));
    return large && is_too_large(from, end) ? SM_EXACT_NO_NUMBERS : 0;
}

/* Takes a number or word, and returns the place behind it. */
static const char *check_token(struct exact *x, const char *from, const char *end)
{
    const char *p = from + 1;
    while (p < end && in_token(*p))
        p++;
    unsigned what = p - from >= 3 ? judge(from, p) : 0;
    const char *next = what ? sm_skip_space(p, end) : p;
    if (what && !(next < end && *next == ':')) /* no name is one of these */
        replace(x, what, from, (size_t)(p - from), NULL);
    return p;
}

unsigned sm_json_exact(const char *text, size_t len, struct sm_buf *out)
{
    struct exact x = {.copied = text, .out = out};
    const char *p = text, *end = text + len;
    bool surrogates = may_have_surrogates(p, end);
    while (p < end) {
        if (*p == '"') {
            const char *string = p;
            p = sm_skip_string(p, end);
            if (surrogates)
                check_string(&x, string, p);
        } else if (in_token(*p)) {
            p = check_token(&x, p, end);
        } else {
            p++;
        }
    }
    if (x.found)
        sm_buf_add(out, x.copied, (size_t)(end - x.copied));
    return x.found;
}
