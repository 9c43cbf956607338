#include "lib/json/scan.h"

#include "lib/base/mem.h"
#include "lib/base/swar.h"
#include "lib/base/utf8.h"
#include "lib/json/internal/skip.h"
#include "lib/json/internal/token.h"
#include "lib/json/json.h"

#define DEPTH_MAX 64 /* deeper text goes to the parser */

struct scan {
    const struct sm_member_name *names;
    size_t count, next; /* next: the name to try first */
    struct sm_raw *found;
};

/* Past the escape at `p`; NULL for a lone surrogate, on which parsers differ. */
static const char *scan_escape(const char *p, const char *end)
{
    if (end - p < 2)
        return NULL;
    if (p[1] != 'u')
        return p[1] && strchr("\"\\/bfnrt", p[1]) ? p + 2 : NULL;
    int code = sm_hex4(p + 2, end), low = -1;
    if (code < 0xd800 || code > 0xdfff)
        return code < 0 ? NULL : p + 6;
    if (code < 0xdc00 && end - p >= 12 && p[6] == '\\' && p[7] == 'u')
        low = sm_hex4(p + 8, end);
    return low >= 0xdc00 && low <= 0xdfff ? p + 12 : NULL;
}

/* A scanner takes the first byte of a value and returns the place behind its last. NULL: this is
 * not plain JSON, and perhaps not JSON at all. */
static const char *scan_string(const char *p, const char *end)
{
    p++;
    while (p < end) {
        while (end - p >= 8 && !(sm_swar_escape(sm_swar_at(p)) | sm_swar_high(sm_swar_at(p))))
            p += 8;
        while (p < end && (unsigned char)*p >= 0x20 && (unsigned char)*p < 0x80 && *p != '"' &&
               *p != '\\')
            p++;
        if (p == end || (unsigned char)*p < 0x20)
            return NULL;
        if (*p == '"')
            return p + 1;
        if (*p == '\\') {
            p = scan_escape(p, end);
            if (!p)
                return NULL;
            continue;
        }
        size_t bytes = sm_utf8_sequence(p, (size_t)(end - p));
        if (bytes == 0)
            return NULL;
        p += bytes;
    }
    return NULL;
}

static const char *scan_word(const char *p, const char *end, const char *word, size_t len)
{
    return (size_t)(end - p) >= len && memcmp(p, word, len) == 0 ? p + len : NULL;
}

static const char *scan_value(const char *p, const char *end, size_t depth);

static const char *scan_array(const char *p, const char *end, size_t depth)
{
    p = sm_skip_space(p + 1, end);
    if (p < end && *p == ']')
        return p + 1;
    while ((p = scan_value(p, end, depth))) {
        p = sm_skip_space(p, end);
        if (p == end || *p != ',')
            return p < end && *p == ']' ? p + 1 : NULL;
        p = sm_skip_space(p + 1, end);
    }
    return NULL;
}

/* Keeps the member if its name is wanted. Members often come in the order of the names, so the
 * search begins behind the last hit. */
static void keep_member(struct scan *scan, const struct sm_raw *member)
{
    size_t at = scan->next;
    for (size_t i = 0; i < scan->count; i++, at = at + 1 < scan->count ? at + 1 : 0) {
        const struct sm_member_name *name = &scan->names[at];
        if (name->len == member->key_len && memcmp(name->text, member->key, name->len) == 0) {
            scan->found[at] = *member;
            scan->next = at + 1 < scan->count ? at + 1 : 0;
            return;
        }
    }
    for (size_t i = 0; i < scan->count && memchr(member->key, '\\', member->key_len); i++) {
        if (sm_raw_key_is(member, scan->names[i].text))
            scan->found[i] = *member;
    }
}

/* `scan` is NULL for an object within a value: its members are not wanted. */
static const char *scan_object(const char *p, const char *end, size_t depth, struct scan *scan)
{
    struct sm_raw member;
    p = sm_skip_space(p + 1, end);
    if (p < end && *p == '}')
        return p + 1;
    while (p < end && *p == '"') {
        member.key = p + 1;
        p = scan_string(p, end);
        if (!p)
            return NULL;
        member.key_len = (size_t)(p - member.key) - 1;
        p = sm_skip_space(p, end);
        if (p == end || *p != ':')
            return NULL;
        member.value = sm_skip_space(p + 1, end);
        p = scan_value(member.value, end, depth);
        if (!p)
            return NULL;
        member.value_len = (size_t)(p - member.value);
        if (scan)
            keep_member(scan, &member);
        p = sm_skip_space(p, end);
        if (p == end || *p != ',')
            return p < end && *p == '}' ? p + 1 : NULL;
        p = sm_skip_space(p + 1, end);
    }
    return NULL;
}

static const char *scan_value(const char *p, const char *end, size_t depth)
{
    if (p == end)
        return NULL;
    switch (*p) {
    case '"':
        return scan_string(p, end);
    case '{':
        return depth ? scan_object(p, end, depth - 1, NULL) : NULL;
    case '[':
        return depth ? scan_array(p, end, depth - 1) : NULL;
    case 't':
        return scan_word(p, end, "true", 4);
    case 'f':
        return scan_word(p, end, "false", 5);
    case 'n':
        return scan_word(p, end, "null", 4);
    default:
        return sm_number_end(p, end);
    }
}

static void forget_members(const struct scan *scan)
{
    for (size_t i = 0; i < scan->count; i++)
        scan->found[i] = (struct sm_raw){0};
}

/* False unless the text is strict JSON, not too deep, and without lone surrogates. */
static bool scan_plain(const char *text, size_t len, struct scan *scan)
{
    const char *end = text + len, *p = sm_skip_space(text, end);
    forget_members(scan);
    if (p == end || *p != '{')
        return false;
    p = scan_object(p, end, DEPTH_MAX, scan);
    return p && sm_skip_space(p, end) == end;
}

/* Writes the wanted members into `spare`, as plain JSON. */
static void respell(jv object, struct scan *scan, struct sm_buf *spare)
{
    forget_members(scan);
    sm_buf_clear(spare);
    for (size_t i = 0; i < scan->count; i++) {
        jv value = sm_json_get(object, scan->names[i].text);
        if (jv_is_valid(value)) {
            jv text = jv_dump_string(jv_copy(value), 0);
            scan->found[i].value_len = (size_t)jv_string_length_bytes(jv_copy(text));
            sm_buf_add(spare, jv_string_value(text), scan->found[i].value_len);
            jv_free(text);
        }
        jv_free(value);
    }
    const char *at = spare->data; /* nothing is appended now, so it stays where it is */
    for (size_t i = 0; i < scan->count; i++) {
        if (scan->found[i].value_len == 0)
            continue;
        scan->found[i].value = at;
        at += scan->found[i].value_len;
    }
}

static bool no_object(struct sm_err *err)
{
    return sm_err_set(err, SM_EXIT_INPUT,
                      "write one JSON object a line, or let sm-import read another form",
                      "not a JSON object");
}

/* Whether the text does not even begin like an object, a table for example: what a JSON parser says
 * of it would help nobody. */
static bool is_other_form(const char *text, size_t len)
{
    size_t blank = 0;
    while (blank < len && strchr(" \t\r\n", text[blank]))
        blank++;
    return blank < len && text[blank] != '{' && sm_utf8_valid(text, len) == len &&
           !memchr(text, '\0', len);
}

bool sm_scan_object(const char *text, size_t len, const struct sm_member_name *names, size_t count,
                    struct sm_raw *found, struct sm_buf *spare, bool *literal, struct sm_err *err)
{
    struct scan scan = {.names = names, .count = count, .found = found};
    jv value;
    *literal = scan_plain(text, len, &scan);
    if (*literal)
        return true;
    if (!sm_json_parse(text, len, &value, err))
        return is_other_form(text, len) ? no_object(err) : false;
    bool ok = jv_get_kind(value) == JV_KIND_OBJECT || no_object(err);
    if (ok)
        respell(value, &scan, spare);
    jv_free(value);
    return ok;
}

void sm_scan_nested(const struct sm_raw *object, const struct sm_member_name *names, size_t count,
                    struct sm_raw *found)
{
    struct scan scan = {.names = names, .count = count, .found = found};
    forget_members(&scan);
    scan_object(object->value, object->value + object->value_len, SIZE_MAX, &scan);
}
