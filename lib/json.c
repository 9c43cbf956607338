#include "json.h"

#include "mem.h"
#include "word.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 256 /* as libjq 1.6 has it, for which an object with members is two levels */

static const char one_value[] = "write one JSON value a line, as jq -c does";

void sm_json_string(struct sm_buf *buf, const char *text, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    sm_buf_char(buf, '"');
    size_t start = 0;
    for (size_t i = 0; i < len; i++) {
        while (i + 8 < len && !sm_word_escape(sm_word_at(text + i)))
            i += 8;
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        sm_buf_add(buf, text + start, i - start);
        start = i + 1;
        const char *brief = c == '\n' ? "\\n" : c == '\t' ? "\\t" : c == '\r' ? "\\r" : NULL;
        if (brief) {
            sm_buf_add(buf, brief, 2);
        } else if (c == '"' || c == '\\') {
            sm_buf_add(buf, (char[]){'\\', (char)c}, 2);
        } else {
            sm_buf_add(buf, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
        }
    }
    sm_buf_add(buf, text + start, len - start);
    sm_buf_char(buf, '"');
}

void sm_json_cstring(struct sm_buf *buf, const char *text)
{
    if (text)
        sm_json_string(buf, text, strlen(text));
    else
        sm_buf_str(buf, "null");
}

static void write_number(struct sm_buf *buf, jv value)
{
    double number = jv_number_value(value);
    if (number == floor(number) && fabs(number) < 9007199254740992.0) {
        sm_buf_printf(buf, "%.0f", number);
        return;
    }
    jv text = jv_dump_string(jv_number(number), 0); /* not as it was spelt, which libjq 1.7 keeps */
    sm_buf_str(buf, jv_string_value(text));
    jv_free(text);
}

static void write_array(struct sm_buf *buf, jv value)
{
    int n = jv_array_length(jv_copy(value));
    sm_buf_char(buf, '[');
    for (int i = 0; i < n; i++) {
        if (i)
            sm_buf_char(buf, ',');
        jv item = jv_array_get(jv_copy(value), i);
        sm_json_value(buf, item);
        jv_free(item);
    }
    sm_buf_char(buf, ']');
}

static void write_object(struct sm_buf *buf, jv value)
{
    jv keys = jv_keys(jv_copy(value));
    int n = jv_array_length(jv_copy(keys));
    sm_buf_char(buf, '{');
    for (int i = 0; i < n; i++) {
        if (i)
            sm_buf_char(buf, ',');
        jv key = jv_array_get(jv_copy(keys), i);
        sm_json_string(buf, jv_string_value(key), (size_t)jv_string_length_bytes(jv_copy(key)));
        sm_buf_char(buf, ':');
        jv item = jv_object_get(jv_copy(value), key);
        sm_json_value(buf, item);
        jv_free(item);
    }
    sm_buf_char(buf, '}');
    jv_free(keys);
}

void sm_json_value(struct sm_buf *buf, jv value)
{
    switch (jv_get_kind(value)) {
    case JV_KIND_TRUE:
        sm_buf_str(buf, "true");
        break;
    case JV_KIND_FALSE:
        sm_buf_str(buf, "false");
        break;
    case JV_KIND_NUMBER:
        write_number(buf, value);
        break;
    case JV_KIND_STRING:
        sm_json_string(buf, jv_string_value(value), (size_t)jv_string_length_bytes(jv_copy(value)));
        break;
    case JV_KIND_ARRAY:
        write_array(buf, value);
        break;
    case JV_KIND_OBJECT:
        write_object(buf, value);
        break;
    default:
        sm_buf_str(buf, "null");
    }
}

/* libjq's message ends in "(while parsing '…')" with the whole input: keep the part before. */
static bool parse_failed(jv invalid, struct sm_err *err)
{
    jv message = jv_invalid_get_msg(invalid);
    const char *text = jv_get_kind(message) == JV_KIND_STRING ? jv_string_value(message) : "";
    const char *quoted = strstr(text, " (while parsing");
    const char *line = strstr(text, " at line 1,"); /* of this text: the caller knows which line */
    if (line && (!quoted || line < quoted))
        quoted = line;
    int len = quoted ? (int)(quoted - text) : (int)strnlen(text, 200);
    if (len)
        sm_err_set(err, SM_EXIT_INPUT, one_value, "not valid JSON: %.*s", len, text);
    else
        sm_err_set(err, SM_EXIT_INPUT, one_value, "not valid JSON: no value");
    jv_free(message);
    return false;
}

/* `p` is at the opening quote; returns the position behind the closing one. */
static const char *skip_string(const char *p, const char *end)
{
    const char *quote = p;
    while ((quote = memchr(quote + 1, '"', (size_t)(end - quote) - 1))) {
        const char *text = quote;
        while (text > p + 1 && text[-1] == '\\')
            text--;
        if ((quote - text) % 2 == 0) /* not escaped */
            return quote + 1;
    }
    return end;
}

/* What of valid JSON, as libjq has it, is refused: the literal nan, which it takes for a number
 * (outside of strings no other JSON has "na"), and levels of which libjq 1.7 takes thousands. */
static bool check_parsed(const char *p, const char *end, struct sm_err *err)
{
    int room = DEPTH_MAX;
    while (p < end) {
        if (*p == '"') {
            p = skip_string(p, end);
            continue;
        }
        if ((*p == '[' || *p == '{') && room <= 0)
            return sm_err_set(err, SM_EXIT_INPUT, one_value,
                              "not valid JSON: Exceeds depth limit for parsing");
        if (*p == '[' || *p == ']')
            room += *p == '[' ? -1 : 1;
        else if (*p == '{' || *p == '}')
            room += *p == '{' ? -2 : 2;
        else if ((*p == 'n' || *p == 'N') && p + 1 < end && (p[1] == 'a' || p[1] == 'A'))
            return sm_err_set(err, SM_EXIT_INPUT, "write null for a number that is missing",
                              "not valid JSON: a literal nan");
        p++;
    }
    return true;
}

bool sm_json_parse(const char *text, size_t len, jv *value, struct sm_err *err)
{
    const char *nul = memchr(text, '\0', len);
    if (nul)
        return sm_err_set(err, SM_EXIT_INPUT, "remove the NUL byte", "NUL byte at column %zu",
                          (size_t)(nul - text) + 1);
    size_t valid = sm_utf8_valid(text, len);
    if (valid < len)
        return sm_err_set(err, SM_EXIT_INPUT, "convert the input to UTF-8, for example with iconv",
                          "invalid UTF-8 at byte %zu", valid + 1);
    if (len > INT32_MAX / 2)
        return sm_err_set(err, SM_EXIT_INPUT, NULL, "longer than a gigabyte");
    jv parsed = jv_parse_sized(text, (int)len);
    if (!jv_is_valid(parsed))
        return parse_failed(parsed, err);
    if (!check_parsed(text, text + len, err)) {
        jv_free(parsed);
        return false;
    }
    *value = parsed;
    return true;
}

jv sm_json_get(jv object, const char *name)
{
    if (jv_get_kind(object) != JV_KIND_OBJECT)
        return jv_invalid();
    return jv_object_get(jv_copy(object), jv_string(name));
}

const char *sm_json_text(jv object, const char *name, size_t *len)
{
    jv value = sm_json_get(object, name);
    const char *text = NULL;
    if (jv_get_kind(value) == JV_KIND_STRING) {
        text = jv_string_value(value);
        if (len)
            *len = (size_t)jv_string_length_bytes(jv_copy(value));
    }
    jv_free(value); /* `object` still holds it */
    return text;
}

double sm_json_number(jv object, const char *name, double missing)
{
    jv value = sm_json_get(object, name);
    double number = jv_get_kind(value) == JV_KIND_NUMBER ? jv_number_value(value) : missing;
    jv_free(value);
    return number;
}

bool sm_json_bool(jv object, const char *name, bool missing)
{
    jv value = sm_json_get(object, name);
    jv_kind kind = jv_get_kind(value);
    jv_free(value);
    return kind == JV_KIND_TRUE || (kind != JV_KIND_FALSE && missing);
}

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
        p++;
    return p;
}

static const char *skip_value(const char *p, const char *end)
{
    int depth = 0;
    while (p < end) {
        if (*p == '"') {
            p = skip_string(p, end);
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

/* The length of what is between two places, without the white space at its end. */
static size_t trimmed(const char *from, const char *to)
{
    while (to > from && skip_space(to - 1, to) == to)
        to--;
    return (size_t)(to - from);
}

bool sm_json_member(const char **at, const char *end, struct sm_member *member)
{
    const char *p = skip_space(*at, end);
    if (p < end && (*p == '{' || *p == ','))
        p = skip_space(p + 1, end);
    if (p >= end || *p != '"')
        return false;
    const char *close = skip_string(p, end);
    member->key = p + 1;
    member->key_len = (size_t)(close - p) - 2;
    p = skip_space(close, end);
    if (p < end && *p == ':')
        p = skip_space(p + 1, end);
    member->value = p;
    *at = skip_value(p, end);
    member->value_len = trimmed(p, *at);
    return true;
}

bool sm_json_is(const struct sm_member *member, const char *name)
{
    if (!memchr(member->key, '\\', member->key_len))
        return member->key_len == strlen(name) && memcmp(member->key, name, member->key_len) == 0;
    jv key = jv_parse_sized(member->key - 1, (int)member->key_len + 2); /* with its quotes */
    size_t len = strlen(name);
    bool is = jv_get_kind(key) == JV_KIND_STRING &&
              (size_t)jv_string_length_bytes(jv_copy(key)) == len &&
              memcmp(jv_string_value(key), name, len) == 0;
    jv_free(key);
    return is;
}

bool sm_json_item(const char **at, const char *end, struct sm_member *item)
{
    const char *p = skip_space(*at, end);
    if (p < end && (*p == '[' || *p == ','))
        p = skip_space(p + 1, end);
    if (p >= end || *p == ']')
        return false;
    *at = skip_value(p, end);
    *item = (struct sm_member){.value = p, .value_len = trimmed(p, *at)};
    return true;
}

bool sm_json_find(const char *text, size_t len, const char *name, struct sm_member *found)
{
    struct sm_member member;
    const char *at = skip_space(text, text + len), *end = text + len;
    bool any = false;
    if (at == end || *at != '{')
        return false;
    while (sm_json_member(&at, end, &member)) {
        if (sm_json_is(&member, name)) {
            *found = member;
            any = true;
        }
    }
    return any;
}

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
        while (i + 8 <= len && !sm_word_high(sm_word_at(text + i)))
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
