#include "lib/json/json.h"

#include "lib/base/mem.h"
#include "lib/base/swar.h"
#include "lib/base/utf8.h"
#include "lib/json/internal/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

static const char one_value[] = "write one JSON value a line, as jq -c does";

void sm_json_string(struct sm_buf *buf, const char *text, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    sm_buf_char(buf, '"');
    size_t start = 0;
    for (size_t i = 0; i < len; i++) {
        while (i + 8 < len && !sm_swar_escape(sm_swar_at(text + i)))
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

static void write_mended(struct sm_buf *buf, const char *text, size_t len)
{
    struct sm_buf mended = {0};
    while (len) {
        size_t valid = sm_utf8_valid(text, len);
        sm_buf_add(&mended, text, valid);
        if (valid < len)
            sm_buf_str(&mended, REPLACEMENT);
        valid += valid < len;
        text += valid;
        len -= valid;
    }
    sm_json_string(buf, sm_buf_text(&mended), mended.len);
    sm_buf_release(&mended);
}

void sm_json_cstring(struct sm_buf *buf, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    if (!text)
        sm_buf_str(buf, "null");
    else if (sm_utf8_valid(text, len) == len)
        sm_json_string(buf, text, len);
    else
        write_mended(buf, text, len);
}

static void write_number(struct sm_buf *buf, jv value)
{
    double number = jv_number_value(value);
    if (number == floor(number) && fabs(number) <= SM_INTEGER_MAX) {
        sm_buf_printf(buf, "%.0f", number);
        return;
    }
    jv text = jv_dump_string(jv_number(number),
                             0); /* a new number: libjq 1.7 would repeat the input's spelling */
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

static jv doubles_of_object(jv object)
{
    jv keys = jv_keys(jv_copy(object));
    int n = jv_array_length(jv_copy(keys));
    for (int i = 0; i < n; i++) {
        jv key = jv_array_get(jv_copy(keys), i);
        jv item = jv_object_get(jv_copy(object), jv_copy(key));
        object = jv_object_set(object, key, sm_json_doubles(item)); /* keeps the members' order */
    }
    jv_free(keys);
    return object;
}

jv sm_json_doubles(jv value)
{
    if (jv_get_kind(value) == JV_KIND_OBJECT)
        return doubles_of_object(value);
    if (jv_get_kind(value) == JV_KIND_ARRAY) {
        int n = jv_array_length(jv_copy(value));
        for (int i = 0; i < n; i++)
            value = jv_array_set(value, i, sm_json_doubles(jv_array_get(jv_copy(value), i)));
    }
    if (jv_get_kind(value) != JV_KIND_NUMBER)
        return value;
    double number = jv_number_value(value);
    jv_free(value);
    return jv_number(number);
}

/* libjq's message ends in "(while parsing '…')" with the whole input: keep what precedes that. */
static bool parse_failed(jv invalid, struct sm_err *err)
{
    jv message = jv_invalid_get_msg(invalid);
    const char *text = jv_get_kind(message) == JV_KIND_STRING ? jv_string_value(message) : "";
    const char *quoted = strstr(text, " (while parsing");
    const char *line =
        strstr(text, " at line 1,"); /* of this text; the caller knows which line it is */
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

/* libjq would skip a byte order mark, and what walks over the text itself would find nothing. */
bool sm_json_parse(const char *text, size_t len, jv *value, struct sm_err *err)
{
    static const char mark[] = "\xef\xbb\xbf";
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
    if (len >= strlen(mark) && memcmp(text, mark, strlen(mark)) == 0)
        return sm_err_set(err, SM_EXIT_INPUT, "remove it", "begins with a byte order mark");
    if (!sm_check_size(text, text + len, err))
        return false;
    jv parsed = jv_parse_sized(text, (int)len);
    if (!jv_is_valid(parsed))
        return parse_failed(parsed, err);
    if (!sm_check_parsed(text, text + len, err)) {
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

jv sm_json_without_nul(jv object, const char *name)
{
    size_t len = 0;
    const char *text = sm_json_text(object, name, &len);
    if (!text || strlen(text) == len)
        return object;
    struct sm_buf mended = {0};
    for (; len; len--, text++)
        sm_buf_add(&mended, *text ? text : REPLACEMENT, *text ? 1 : strlen(REPLACEMENT));
    jv value = jv_string_sized(mended.data, (int)mended.len);
    sm_buf_release(&mended);
    return jv_object_set(object, jv_string(name), value);
}

double sm_json_number(jv object, const char *name, double missing)
{
    jv value = sm_json_get(object, name);
    double number = jv_get_kind(value) == JV_KIND_NUMBER ? jv_number_value(value) : missing;
    jv_free(value);
    return number;
}

bool sm_integer(double number, int64_t low, int64_t high, int64_t *out)
{
    if (!(number >= (double)low && number <= (double)high && number == floor(number)))
        return false;
    *out = (int64_t)number;
    return true;
}

bool sm_json_integer(jv object, const char *name, int64_t low, int64_t high, int64_t *out)
{
    return sm_integer(sm_json_number(object, name, NAN), low, high, out);
}

bool sm_json_bool(jv object, const char *name, bool missing)
{
    jv value = sm_json_get(object, name);
    jv_kind kind = jv_get_kind(value);
    jv_free(value);
    return kind == JV_KIND_TRUE || (kind != JV_KIND_FALSE && missing);
}

jv sm_json_merge(jv target, jv patch)
{
    if (jv_get_kind(patch) != JV_KIND_OBJECT) {
        jv_free(target);
        return jv_copy(patch);
    }
    if (jv_get_kind(target) != JV_KIND_OBJECT) {
        jv_free(target);
        target = jv_object();
    }
    jv keys = jv_keys(jv_copy(patch));
    int n = jv_array_length(jv_copy(keys));
    for (int i = 0; i < n; i++) {
        jv key = jv_array_get(jv_copy(keys), i);
        jv value = jv_object_get(jv_copy(patch), jv_copy(key));
        if (jv_get_kind(value) == JV_KIND_NULL)
            target = jv_object_delete(target, key);
        else
            target = jv_object_set(
                target, key, sm_json_merge(jv_object_get(jv_copy(target), jv_copy(key)), value));
        jv_free(value);
    }
    jv_free(keys);
    return target;
}
