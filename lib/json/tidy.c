#include "lib/json/tidy.h"

#include "lib/base/utf8.h"
#include "lib/json/internal/skip.h"
#include "lib/json/internal/token.h"
#include "lib/json/json.h"

#define DEPTH_MAX 256 /* as in sm_json_parse(), where an object counts as two */
#define REPLACEMENT "\xef\xbf\xbd"
#define OBJECTS_MAX 64
#define PROSE_DEPTH_MAX 32 /* in prose each brace may be read as often as it is deep */

struct tidy {
    const char *p, *end;
    struct sm_buf *out;
};

static bool tidy_value(struct tidy *t, int room);

static void tidy_escape(struct tidy *t)
{
    const char *p = t->p;
    int code = t->end - p >= 2 && p[1] == 'u' ? sm_hex4(p + 2, t->end) : -1, low = -1;
    size_t len = 6;
    if (code >= 0xd800 && code < 0xdc00 && t->end - p >= 12 && p[6] == '\\' && p[7] == 'u')
        low = sm_hex4(p + 8, t->end);
    if (code < 0) {
        bool known = t->end - p >= 2 && p[1] && strchr("\"\\/bfnrt", p[1]);
        len = known ? 2 : 1;
        sm_buf_add(t->out, known ? p : "\\\\", 2);
    } else if (low >= 0xdc00 && low <= 0xdfff) {
        len = 12;
        sm_buf_add(t->out, p, len);
    } else if (code == 0 || (code >= 0xd800 && code <= 0xdfff)) {
        sm_buf_str(t->out, REPLACEMENT);
    } else {
        sm_buf_add(t->out, p, len);
    }
    t->p += len;
}

/* A control character, or a byte of a character that is not ASCII. */
static void tidy_other(struct tidy *t)
{
    unsigned char c = (unsigned char)*t->p;
    size_t len = sm_utf8_sequence(t->p, (size_t)(t->end - t->p));
    if (c == 0 || len == 0)
        sm_buf_str(t->out, REPLACEMENT);
    else if (c < 0x20)
        sm_buf_printf(t->out, "\\u%04x", c);
    else
        sm_buf_add(t->out, t->p, len);
    t->p += len ? len : 1;
}

static bool tidy_string(struct tidy *t)
{
    sm_buf_char(t->out, '"');
    t->p++;
    while (t->p < t->end && *t->p != '"') {
        const char *from = t->p;
        while (t->p < t->end && *t->p >= 0x20 && *t->p < 0x7f && *t->p != '"' && *t->p != '\\')
            t->p++;
        sm_buf_add(t->out, from, (size_t)(t->p - from));
        if (t->p < t->end && *t->p == '\\')
            tidy_escape(t);
        else if (t->p < t->end && *t->p != '"')
            tidy_other(t);
    }
    if (t->p >= t->end)
        return false;
    t->p++;
    return sm_buf_char(t->out, '"');
}

static bool take_word(struct tidy *t, const char *word, const char *written)
{
    size_t len = strlen(word);
    if ((size_t)(t->end - t->p) < len || memcmp(t->p, word, len) != 0)
        return false;
    t->p += len;
    return sm_buf_str(t->out, written);
}

static bool tidy_scalar(struct tidy *t)
{
    if (take_word(t, "true", "true") || take_word(t, "false", "false") ||
        take_word(t, "null", "null") || take_word(t, "NaN", "null") ||
        take_word(t, "Infinity", "null") || take_word(t, "-Infinity", "null"))
        return true;
    const char *from = t->p;
    t->p = sm_number_end(from, t->end);
    return t->p && sm_buf_add(t->out, from, (size_t)(t->p - from));
}

static void skip_space(struct tidy *t)
{
    t->p = sm_skip_space(t->p, t->end);
}

/* At a member's name. */
static bool tidy_member(struct tidy *t, int room)
{
    if (*t->p != '"' || !tidy_string(t))
        return false;
    skip_space(t);
    if (t->p == t->end || *t->p != ':')
        return false;
    t->p++;
    sm_buf_char(t->out, ':');
    skip_space(t);
    return tidy_value(t, room);
}

/* An object or an array, at its bracket; `room` is for what it holds. */
static bool tidy_list(struct tidy *t, char close, int room)
{
    sm_buf_char(t->out, *t->p++);
    for (bool first = true;; first = false) {
        skip_space(t);
        if (t->p < t->end && *t->p == close)
            break;
        if (t->p == t->end || room < 0)
            return false;
        if (!first)
            sm_buf_char(t->out, ',');
        if (!(close == '}' ? tidy_member(t, room) : tidy_value(t, room)))
            return false;
        skip_space(t);
        if (t->p == t->end || (*t->p != ',' && *t->p != close))
            return false;
        t->p += *t->p == ',';
    }
    t->p++;
    return sm_buf_char(t->out, close);
}

static bool tidy_value(struct tidy *t, int room)
{
    if (t->p == t->end)
        return false;
    switch (*t->p) {
    case '"':
        return tidy_string(t);
    case '{':
        return room >= 2 && tidy_list(t, '}', room - 2);
    case '[':
        return room >= 1 && tidy_list(t, ']', room - 1);
    default:
        return tidy_scalar(t);
    }
}

static size_t tidy(const char *text, size_t len, int room, struct sm_buf *out)
{
    struct tidy t = {text, text + len, out};
    size_t before = out->len;
    if (tidy_value(&t, room) && !out->over)
        return (size_t)(t.p - text);
    if (out->data)
        out->data[out->len = before] = '\0';
    return 0;
}

size_t sm_json_tidy(const char *text, size_t len, struct sm_buf *out)
{
    return tidy(text, len, DEPTH_MAX, out);
}

struct place {
    const char *text;
    size_t len;
};

static jv add_object(jv list, const struct place *place, struct sm_buf *spare)
{
    jv object;
    sm_buf_clear(spare);
    sm_json_tidy(place->text, place->len, spare);
    return sm_json_parse(spare->data, spare->len, &object, NULL) ? jv_array_append(list, object)
                                                                 : list;
}

jv sm_json_objects(const char *text, size_t len, size_t max)
{
    struct place places[OBJECTS_MAX]; /* a ring */
    struct sm_buf spare = {0};
    const char *end = text + len, *p = text;
    size_t count = 0;
    while ((p = memchr(p, '{', (size_t)(end - p)))) {
        sm_buf_clear(&spare);
        size_t used = tidy(p, (size_t)(end - p), PROSE_DEPTH_MAX, &spare);
        if (spare.len > strlen("{}"))
            places[count++ % max] = (struct place){p, used};
        p += used ? used : 1;
    }
    jv list = jv_array();
    for (size_t i = count > max ? count - max : 0; i < count; i++)
        list = add_object(list, &places[i % max], &spare);
    sm_buf_release(&spare);
    return list;
}
