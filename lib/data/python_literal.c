#include "lib/data/python_literal.h"

#include "lib/json/json.h"

#include <stdint.h>
#include <string.h>

#define DEPTH_MAX 64

struct parser {
    const char *at, *end;
    struct sm_buf *json, text; /* `text`: of a string */
};

static void skip(struct parser *p)
{
    while (p->at < p->end && strchr(" \t\r\n", *p->at))
        p->at++;
}

static bool take(struct parser *p, const char *word)
{
    size_t len = strlen(word);
    if ((size_t)(p->end - p->at) < len || memcmp(p->at, word, len) != 0)
        return false;
    p->at += len;
    return true;
}

static void add_character(struct sm_buf *out, uint32_t code)
{
    char bytes[4];
    size_t n = 0;
    if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        code = 0xfffd;
    if (code < 0x80) {
        bytes[n++] = (char)code;
    } else if (code < 0x800) {
        bytes[n++] = (char)(0xc0 | code >> 6);
    } else if (code < 0x10000) {
        bytes[n++] = (char)(0xe0 | code >> 12);
        bytes[n++] = (char)(0x80 | (code >> 6 & 0x3f));
    } else {
        bytes[n++] = (char)(0xf0 | code >> 18);
        bytes[n++] = (char)(0x80 | (code >> 12 & 0x3f));
        bytes[n++] = (char)(0x80 | (code >> 6 & 0x3f));
    }
    if (code >= 0x80)
        bytes[n++] = (char)(0x80 | (code & 0x3f));
    sm_buf_add(out, bytes, n);
}

static int digit_of(char c)
{
    const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c | 0x20) : NULL;
    return c >= '0' && c <= '9' ? c - '0' : at && at - digits > 9 ? (int)(at - digits) : -1;
}

/* `most` digits of `base`, at least `least`. */
static bool take_code(struct parser *p, int base, int least, int most, uint32_t *code)
{
    int n = 0;
    *code = 0;
    while (n < most && p->at < p->end && digit_of(*p->at) >= 0 && digit_of(*p->at) < base) {
        *code = *code * (uint32_t)base + (uint32_t)digit_of(*p->at++);
        n++;
    }
    return n >= least;
}

static bool take_escape(struct parser *p)
{
    static const char from[] = "\\'\"abfnrtv", to[] = "\\'\"\a\b\f\n\r\t\v";
    uint32_t code;
    if (p->at == p->end)
        return false;
    char c = *p->at;
    const char *simple = c ? strchr(from, c) : NULL;
    if (digit_of(c) >= 0 && digit_of(c) < 8) {
        take_code(p, 8, 1, 3, &code);
        add_character(&p->text, code);
        return true;
    }
    p->at++;
    if (simple) {
        sm_buf_char(&p->text, to[simple - from]);
    } else if (c == 'x' || c == 'u' || c == 'U') {
        int digits = c == 'x' ? 2 : c == 'u' ? 4 : 8;
        if (!take_code(p, 16, digits, digits, &code))
            return false;
        add_character(&p->text, code);
    } else if (c == 'N') {
        return false; /* a character by its name, which repr() never writes */
    } else if (c != '\n') {
        sm_buf_char(&p->text, '\\');
        p->at--;
    }
    return true;
}

static bool take_string(struct parser *p)
{
    char quote = *p->at++;
    sm_buf_clear(&p->text);
    while (p->at < p->end && *p->at != quote) {
        char c = *p->at++;
        if (c != '\\')
            sm_buf_char(&p->text, c);
        else if (!take_escape(p))
            return false;
    }
    if (p->at == p->end)
        return false;
    p->at++;
    sm_json_string(p->json, sm_buf_text(&p->text), p->text.len);
    return true;
}

static bool is_digit_at(const char *p, const char *end)
{
    return p < end && *p >= '0' && *p <= '9';
}

/* Whether what libjq reads as a number is one of JSON: numpy's "1." and Python's "+.5" are not. */
static bool is_json_number(const char *p, const char *end)
{
    p += *p == '-';
    if (!is_digit_at(p, end) || (*p == '0' && is_digit_at(p + 1, end)))
        return false;
    const char *point = memchr(p, '.', (size_t)(end - p));
    return !point || is_digit_at(point + 1, end);
}

static bool take_number(struct parser *p)
{
    const char *begin = p->at;
    while (p->at < p->end && *p->at && strchr("+-.0123456789eE", *p->at))
        p->at++;
    jv number = jv_parse_sized(begin, (int)(p->at - begin));
    bool ok = p->at > begin && jv_get_kind(number) == JV_KIND_NUMBER;
    if (ok && is_json_number(begin, p->at))
        sm_buf_add(p->json, begin, (size_t)(p->at - begin));
    else if (ok)
        sm_json_value(p->json, number);
    jv_free(number);
    return ok;
}

static bool take_value(struct parser *p, int depth);

/* The items behind an opening bracket, up to the closing one. */
static bool take_items(struct parser *p, char close, int depth)
{
    bool dict = close == '}', separated = true;
    sm_buf_char(p->json, dict ? '{' : '[');
    for (size_t n = 0;; n++) {
        skip(p);
        if (p->at < p->end && *p->at == close)
            break;
        if (!separated && (p->at == p->end || *p->at != '{'))
            return false; /* 'a' 'b' is one string in Python, and two for numpy */
        if (n > 0)
            sm_buf_char(p->json, ',');
        if (dict && (p->at == p->end || (*p->at != '\'' && *p->at != '"')))
            return false;
        if (!take_value(p, depth))
            return false;
        skip(p);
        if (dict && !take(p, ":"))
            return false;
        if (dict)
            sm_buf_char(p->json, ':');
        skip(p);
        if (dict && !take_value(p, depth))
            return false;
        skip(p);
        separated = take(p, ",");
    }
    p->at++;
    return sm_buf_char(p->json, dict ? '}' : ']');
}

static bool take_array(struct parser *p, int depth)
{
    if (!take_value(p, depth))
        return false;
    skip(p);
    if (take(p, ",")) {
        skip(p);
        if (!take(p, "dtype=object"))
            return false;
    }
    return take(p, ")");
}

static bool take_value(struct parser *p, int depth)
{
    if (p->at == p->end || depth > DEPTH_MAX)
        return false;
    if (take(p, "array("))
        return take_array(p, depth + 1);
    if (take(p, "None") || take(p, "nan"))
        return sm_buf_str(p->json, "null");
    if (take(p, "True"))
        return sm_buf_str(p->json, "true");
    if (take(p, "False"))
        return sm_buf_str(p->json, "false");
    switch (*p->at) {
    case '\'':
    case '"':
        return take_string(p);
    case '[':
        p->at++;
        return take_items(p, ']', depth + 1);
    case '(':
        p->at++;
        return take_items(p, ')', depth + 1);
    case '{':
        p->at++;
        return take_items(p, '}', depth + 1);
    default:
        return take_number(p);
    }
}

bool sm_python_literal_begins(const char *text, size_t len)
{
    struct parser p = {.at = text, .end = text + len};
    while (p.at < p.end && strchr("[({ \n", *p.at))
        p.at++;
    return p.at > text && p.at < p.end && *p.at == '\'' && strchr("[({", p.at[-1]);
}

bool sm_python_literal_json(const char *text, size_t len, struct sm_buf *json)
{
    size_t before = json->len;
    struct parser p = {.at = text, .end = text + len, .json = json};
    skip(&p);
    bool ok = take_value(&p, 0);
    skip(&p);
    ok = ok && p.at == p.end && !json->over;
    sm_buf_release(&p.text);
    if (!ok && json->data)
        json->data[json->len = before] = '\0';
    return ok;
}
