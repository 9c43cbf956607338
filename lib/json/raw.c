#include "lib/json/raw.h"

#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/json/internal/skip.h"

#include <math.h>

#define EXACT_DIGITS 15 /* integers of up to this many digits are exact as doubles */
#define EXACT_TENS 22   /* powers of ten up to this one are exact too */

static const char *skip_value(const char *p, const char *end)
{
    int depth = 0;
    while (p < end) {
        if (*p == '"') {
            p = sm_skip_string(p, end);
            continue;
        }
        if (*p == '{' || *p == '[')
            depth++;
        else if ((*p == '}' || *p == ']' || *p == ',') && depth == 0)
            break;
        else if (*p == '}' || *p == ']')
            depth--;
        p++;
    }
    return p;
}

/* The number of bytes between two places, less trailing white space. */
static size_t trimmed(const char *from, const char *to)
{
    while (to > from && sm_skip_space(to - 1, to) == to)
        to--;
    return (size_t)(to - from);
}

bool sm_raw_next_member(const char **at, const char *end, struct sm_raw *member)
{
    const char *p = sm_skip_space(*at, end);
    if (p < end && (*p == '{' || *p == ','))
        p = sm_skip_space(p + 1, end);
    if (p >= end || *p != '"')
        return false;
    const char *close = sm_skip_string(p, end);
    member->key = p + 1;
    member->key_len = (size_t)(close - p) - 2;
    p = sm_skip_space(close, end);
    if (p < end && *p == ':')
        p = sm_skip_space(p + 1, end);
    member->value = p;
    *at = skip_value(p, end);
    member->value_len = trimmed(p, *at);
    return true;
}

bool sm_raw_key_is(const struct sm_raw *member, const char *name)
{
    if (!memchr(member->key, '\\', member->key_len))
        return member->key_len == strlen(name) && memcmp(member->key, name, member->key_len) == 0;
    jv key = jv_parse_sized(member->key - 1, (int)member->key_len + 2); /* including its quotes */
    size_t len = strlen(name);
    bool is = jv_get_kind(key) == JV_KIND_STRING &&
              (size_t)jv_string_length_bytes(jv_copy(key)) == len &&
              memcmp(jv_string_value(key), name, len) == 0;
    jv_free(key);
    return is;
}

bool sm_raw_next_item(const char **at, const char *end, struct sm_raw *item)
{
    const char *p = sm_skip_space(*at, end);
    if (p < end && (*p == '[' || *p == ','))
        p = sm_skip_space(p + 1, end);
    if (p >= end || *p == ']')
        return false;
    *at = skip_value(p, end);
    *item = (struct sm_raw){.value = p, .value_len = trimmed(p, *at)};
    return true;
}

bool sm_raw_find(const char *text, size_t len, const char *name, struct sm_raw *found)
{
    struct sm_raw member;
    const char *at = sm_skip_space(text, text + len), *end = text + len;
    bool any = false;
    if (at == end || *at != '{')
        return false;
    while (sm_raw_next_member(&at, end, &member)) {
        if (sm_raw_key_is(&member, name)) {
            *found = member;
            any = true;
        }
    }
    return any;
}

jv_kind sm_raw_kind(const struct sm_raw *member)
{
    switch (member->value ? *member->value : '\0') {
    case '\0':
        return JV_KIND_INVALID;
    case '"':
        return JV_KIND_STRING;
    case '{':
        return JV_KIND_OBJECT;
    case '[':
        return JV_KIND_ARRAY;
    case 't':
        return JV_KIND_TRUE;
    case 'f':
        return JV_KIND_FALSE;
    case 'n':
        return JV_KIND_NULL;
    default:
        return JV_KIND_NUMBER;
    }
}

static bool has_escape(const struct sm_raw *member)
{
    return memchr(member->value, '\\', member->value_len);
}

bool sm_raw_is(const struct sm_raw *member, const char *word)
{
    size_t len = strlen(word);
    if (sm_raw_kind(member) != JV_KIND_STRING)
        return false;
    if (!has_escape(member))
        return member->value_len == len + 2 && memcmp(member->value + 1, word, len) == 0;
    struct sm_buf text = {0};
    bool is = sm_raw_text(member, &text) && strcmp(sm_buf_text(&text), word) == 0;
    sm_buf_release(&text);
    return is;
}

int sm_raw_word(const struct sm_raw *member, const char *const *words, int count)
{
    for (int i = 0; i < count; i++) {
        if (sm_raw_is(member, words[i]))
            return i;
    }
    return -1;
}

static double parsed_number(const struct sm_raw *member)
{
    jv value = jv_parse_sized(member->value, (int)member->value_len);
    double number = jv_number_value(value);
    jv_free(value);
    return number;
}

/* A short decimal is an exact integer over an exact power of ten, so one division rounds
 * correctly. */
double sm_raw_number(const struct sm_raw *member, double missing)
{
    if (sm_raw_kind(member) != JV_KIND_NUMBER)
        return missing;
    const char *p = member->value, *end = p + member->value_len;
    bool negative = *p == '-', fraction = false;
    int digits = 0, behind = 0;
    double whole = 0, ten = 1, number;
    for (p += negative; p < end && digits <= EXACT_DIGITS; p++) {
        if (*p == '.') {
            fraction = true;
            continue;
        }
        if (*p < '0' || *p > '9')
            break;
        whole = 10 * whole + (*p - '0');
        digits += whole > 0;
        behind += fraction;
    }
    if (p < end || digits > EXACT_DIGITS || behind > EXACT_TENS)
        return isfinite(number = parsed_number(member)) ? number : missing;
    for (int i = 0; i < behind; i++)
        ten *= 10;
    return negative ? -whole / ten : whole / ten;
}

bool sm_raw_integer(const struct sm_raw *member, int64_t low, int64_t high, int64_t *out)
{
    return sm_integer(sm_raw_number(member, NAN), low, high, out);
}

bool sm_raw_text(const struct sm_raw *member, struct sm_buf *out)
{
    if (!has_escape(member))
        return sm_buf_add(out, member->value + 1, member->value_len - 2);
    jv text = jv_parse_sized(member->value, (int)member->value_len);
    size_t len = (size_t)jv_string_length_bytes(jv_copy(text));
    bool ok = strlen(jv_string_value(text)) == len;
    if (ok)
        sm_buf_add(out, jv_string_value(text), len);
    jv_free(text);
    return ok;
}

/* The length of the escape of one character, which is a surrogate pair for some. */
static size_t escape_bytes(const char *p)
{
    if (p[1] != 'u')
        return 2;
    bool high = (p[2] | 0x20) == 'd' && strchr("89abAB", p[3]);
    return high && p[6] == '\\' ? 12 : 6;
}

size_t sm_raw_length(const struct sm_raw *member)
{
    const char *p = member->value + 1, *end = member->value + member->value_len - 1;
    size_t length = 0;
    while (p < end) {
        const char *escape = memchr(p, '\\', (size_t)(end - p));
        const char *to = escape ? escape : end;
        for (; p < to; p++)
            length += sm_utf8_is_start(*p);
        if (escape) {
            p += escape_bytes(escape);
            length++;
        }
    }
    return length;
}
