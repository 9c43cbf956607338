#include "member.h"

#include "mem.h"

#define EXACT_DIGITS 15 /* integers of so many are doubles, */
#define EXACT_TENS 22   /* and so are powers of ten up to this one */

jv_kind sm_member_kind(const struct sm_member *member)
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

static bool has_escape(const struct sm_member *member)
{
    return memchr(member->value, '\\', member->value_len);
}

bool sm_member_is(const struct sm_member *member, const char *word)
{
    size_t len = strlen(word);
    if (sm_member_kind(member) != JV_KIND_STRING)
        return false;
    if (!has_escape(member))
        return member->value_len == len + 2 && memcmp(member->value + 1, word, len) == 0;
    struct sm_buf text = {0};
    bool is = sm_member_text(member, &text) && strcmp(sm_buf_text(&text), word) == 0;
    sm_buf_release(&text);
    return is;
}

int sm_member_word(const struct sm_member *member, const char *const *words, int count)
{
    for (int i = 0; i < count; i++) {
        if (sm_member_is(member, words[i]))
            return i;
    }
    return -1;
}

static double parsed_number(const struct sm_member *member)
{
    jv value = jv_parse_sized(member->value, (int)member->value_len);
    double number = jv_number_value(value);
    jv_free(value);
    return number;
}

/* Short decimals are one exact integer by one exact power of ten, so that one division rounds
 * right. */
double sm_member_number(const struct sm_member *member, double missing)
{
    if (sm_member_kind(member) != JV_KIND_NUMBER)
        return missing;
    const char *p = member->value, *end = p + member->value_len;
    bool negative = *p == '-', fraction = false;
    int digits = 0, behind = 0;
    double whole = 0, ten = 1;
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
        return parsed_number(member);
    for (int i = 0; i < behind; i++)
        ten *= 10;
    return negative ? -whole / ten : whole / ten;
}

bool sm_member_text(const struct sm_member *member, struct sm_buf *out)
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

/* The bytes of an escape, which stands for one character. */
static size_t escape_bytes(const char *p)
{
    if (p[1] != 'u')
        return 2;
    bool high = (p[2] | 0x20) == 'd' && strchr("89abAB", p[3]);
    return high && p[6] == '\\' ? 12 : 6;
}

size_t sm_member_length(const struct sm_member *member)
{
    const char *p = member->value + 1, *end = member->value + member->value_len - 1;
    size_t length = 0;
    while (p < end) {
        const char *escape = memchr(p, '\\', (size_t)(end - p));
        const char *to = escape ? escape : end;
        for (; p < to; p++)
            length += ((unsigned char)*p & 0xc0) != 0x80;
        if (escape) {
            p += escape_bytes(escape);
            length++;
        }
    }
    return length;
}
