#include "lib/llm/internal/complaint.h"

#include "lib/base/mem.h"
#include "lib/base/printable.h"
#include "lib/base/utf8.h"
#include "lib/json/json.h"
#include "lib/json/tidy.h"
#include "lib/llm/internal/wait_hint.h"

#include <ctype.h>
#include <jv.h>
#include <strings.h>

#define DEPTH_MAX 6
#define JSON_MAX_BYTES ((size_t)256 << 10) /* a longer complaint is read as text */
#define ITEMS_MAX 8
#define TEXT_MAX_BYTES 1000 /* of one message */
#define ALL_MAX_BYTES ((size_t)4000)

static void walk(struct sm_complaint *c, jv value, int depth);

void sm_complaint_line(struct sm_buf *out, const char *text, size_t len)
{
    bool space = true; /* none at the beginning */
    size_t begin = out->len;
    for (size_t i = 0; i < len;) {
        uint32_t code;
        size_t n = sm_utf8_decode(text + i, len - i, &code);
        if (code <= 0x20 || code == 0xa0) {
            if (!space)
                sm_buf_char(out, ' ');
            space = true;
        } else if (code == SM_UTF8_BAD) {
            sm_buf_char(out, '?');
            space = false;
        } else if (sm_is_printable(code)) {
            sm_buf_add(out, text + i, n);
            space = false;
        }
        i += n;
    }
    if (out->len > begin && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
}

static void add_word(struct sm_buf *list, const char *word)
{
    if (!list->len)
        sm_buf_char(list, '\n');
    for (; *word; word++)
        sm_buf_char(list, (char)tolower((unsigned char)*word));
    sm_buf_char(list, '\n');
}

static void add_line(struct sm_complaint *c, const char *text, size_t len)
{
    struct sm_buf line = {0};
    sm_complaint_line(&line, text, sm_utf8_cut(text, len, TEXT_MAX_BYTES));
    const char *known = sm_buf_text(&c->message);
    if (line.len && !strstr(known, line.data)) {
        if (c->message.len)
            sm_buf_str(&c->message, "; ");
        sm_buf_str(&c->message, line.data);
    }
    sm_buf_release(&line);
}

/* Gateways quote the error of the server behind them, as JSON within their own text. */
static bool add_quoted(struct sm_complaint *c, const char *text, size_t len, int depth)
{
    const char *from = memchr(text, '{', len), *to = text + len;
    while (from && to > from && to[-1] != '}')
        to--;
    jv inner = jv_invalid();
    if (!from || to == from || !sm_json_parse(from, (size_t)(to - from), &inner, NULL))
        return false;
    size_t before = c->message.len;
    if (from > text)
        add_line(c, text, (size_t)(from - text));
    size_t own = c->message.len;
    walk(c, inner, depth + 1);
    jv_free(inner);
    if (c->message.len > own)
        return true;
    c->message.len = before;
    if (c->message.data)
        c->message.data[before] = '\0';
    return false;
}

static void add_text(struct sm_complaint *c, const char *text, size_t len, int depth)
{
    c->said |= len > 0;
    if (!add_quoted(c, text, len, depth))
        add_line(c, text, len);
}

static void add_status(struct sm_complaint *c, double number)
{
    if (number >= 400 && number < 600 && !c->status)
        c->status = (long)number;
}

static void add_codes(struct sm_complaint *c, jv object)
{
    static const char *const names[] = {"code",        "type",   "status",
                                        "status_code", "reason", "blockReason"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *code = sm_json_text(object, names[i], NULL);
        add_status(c, sm_json_number(object, names[i], 0));
        if (!code)
            continue;
        add_word(&c->codes, code);
        if (strlen(code) == 3 && isdigit((unsigned char)*code))
            add_status(c, strtod(code, NULL));
    }
    if (jv_object_has(jv_copy(object), jv_string("flagged_input")))
        add_word(&c->codes, "flagged_input");
    const char *param = sm_json_text(object, "param", NULL);
    if (param)
        add_word(&c->params, param);
}

/* FastAPI tells where in the request it found what it refuses: ["body", "seed"]. */
static void add_place(struct sm_complaint *c, jv loc, struct sm_buf *text)
{
    int n = jv_array_length(jv_copy(loc));
    for (int i = 0; i < n; i++) {
        jv part = jv_array_get(jv_copy(loc), i);
        const char *name = jv_get_kind(part) == JV_KIND_STRING ? jv_string_value(part) : "";
        if (*name && strcmp(name, "body") != 0) {
            add_word(&c->params, name);
            sm_buf_printf(text, "%s%s", text->len ? "." : "", name);
        }
        jv_free(part);
    }
    if (text->len)
        sm_buf_str(text, ": ");
}

static void add_texts(struct sm_complaint *c, jv object, int depth)
{
    static const char *const names[] = {"message", "msg", "error_description", "title"};
    jv loc = sm_json_get(object, "loc");
    struct sm_buf text = {0};
    if (jv_get_kind(loc) == JV_KIND_ARRAY)
        add_place(c, loc, &text);
    jv_free(loc);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t len;
        const char *said = sm_json_text(object, names[i], &len);
        if (!said)
            continue;
        sm_buf_add(&text, said, len);
        add_text(c, text.data, text.len, depth);
        sm_buf_clear(&text);
    }
    sm_buf_release(&text);
}

/* Google's is "4s", or {"seconds": 4}. */
static void add_delay(struct sm_complaint *c, jv object)
{
    jv delay = sm_json_get(object, "retryDelay");
    double seconds = sm_json_number(delay, "seconds", 0);
    if (jv_get_kind(delay) == JV_KIND_STRING)
        seconds = sm_wait_of_header(jv_string_value(delay), 0);
    if (seconds > c->wait_s)
        c->wait_s = seconds;
    jv_free(delay);
}

static void walk_object(struct sm_complaint *c, jv object, int depth)
{
    static const char *const inside[] = {"error",    "errors",        "detail",      "details",
                                         "metadata", "innererror",    "inner_error", "raw",
                                         "message",  "promptFeedback"};
    add_codes(c, object);
    add_texts(c, object, depth);
    add_delay(c, object);
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
        jv member = sm_json_get(object, inside[i]);
        bool read = strcmp(inside[i], "message") == 0 && jv_get_kind(member) == JV_KIND_STRING;
        if (!read)
            walk(c, member, depth + 1);
        jv_free(member);
    }
}

static void walk(struct sm_complaint *c, jv value, int depth)
{
    if (depth > DEPTH_MAX)
        return;
    if (jv_get_kind(value) == JV_KIND_OBJECT) {
        walk_object(c, value, depth);
    } else if (jv_get_kind(value) == JV_KIND_STRING) {
        add_text(c, jv_string_value(value), (size_t)jv_string_length_bytes(jv_copy(value)), depth);
    } else if (jv_get_kind(value) == JV_KIND_ARRAY) {
        int n = jv_array_length(jv_copy(value));
        for (int i = 0; i < n && i < ITEMS_MAX; i++) {
            jv item = jv_array_get(jv_copy(value), i);
            walk(c, item, depth + 1);
            jv_free(item);
        }
    }
}

static const char *find(const char *text, const char *word)
{
    size_t len = strlen(word);
    for (; *text; text++) {
        if (strncasecmp(text, word, len) == 0)
            return text;
    }
    return NULL;
}

/* The page's title, else its words. */
static void read_page(struct sm_complaint *c, const char *text)
{
    const char *title = find(text, "<title"), *from = title ? strchr(title, '>') : NULL;
    const char *to = from ? find(from, "</title") : NULL;
    if (to && to > from + 1) {
        add_line(c, from + 1, (size_t)(to - from - 1));
        return;
    }
    struct sm_buf words = {.max = ALL_MAX_BYTES};
    for (bool tag = false; *text && !words.over; text++) {
        tag = tag || *text == '<';
        sm_buf_add(&words, tag ? " " : text, 1);
        tag = tag && *text != '>';
    }
    add_line(c, sm_buf_text(&words), words.len);
    sm_buf_release(&words);
}

static void read_text(struct sm_complaint *c, const char *body, size_t len)
{
    char *text = sm_strndup(body, len < 4 * ALL_MAX_BYTES ? len : 4 * ALL_MAX_BYTES);
    size_t blank = strspn(text, " \t\r\n\xef\xbb\xbf");
    c->page = text[blank] == '<' && (find(text, "<html") || find(text, "<!doctype html"));
    if (c->page)
        read_page(c, text);
    else if (!add_quoted(c, text, strlen(text), 0))
        add_line(c, text, strlen(text));
    else
        c->said = true;
    free(text);
}

/* What has no member that we know is shown as it is; an unfinished completion is not. */
static void read_value(struct sm_complaint *c, jv root)
{
    struct sm_buf text = {0};
    walk(c, root, 0);
    bool bare = jv_get_kind(root) == JV_KIND_OBJECT &&
                (jv_object_has(jv_copy(root), jv_string("choices")) ||
                 jv_object_length(jv_copy(root)) == 0);
    if (!c->message.len && !bare) {
        sm_json_value(&text, root);
        add_line(c, sm_buf_text(&text), text.len);
    }
    sm_buf_release(&text);
}

/* Parses a body that is one JSON value, perhaps as sm_json_tidy() takes it. */
static bool parse_nearly(const char *body, size_t len, jv *root)
{
    static const char mark[] = "\xef\xbb\xbf";
    struct sm_buf line = {0};
    const char *end = body + len;
    if (len >= strlen(mark) && memcmp(body, mark, strlen(mark)) == 0)
        body += strlen(mark);
    while (body < end && strchr(" \t\r\n", *body) && *body)
        body++;
    size_t used = body < end && (size_t)(end - body) <= JSON_MAX_BYTES
                      ? sm_json_tidy(body, (size_t)(end - body), &line)
                      : 0;
    body += used;
    while (used && body < end && strchr(" \t\r\n", *body) && *body)
        body++;
    bool ok = used && body == end && sm_json_parse(line.data, line.len, root, NULL);
    sm_buf_release(&line);
    return ok;
}

void sm_complaint_read(struct sm_complaint *c, const char *body, size_t len)
{
    *c = (struct sm_complaint){.message = {.max = ALL_MAX_BYTES}};
    jv root = jv_invalid();
    if (parse_nearly(body, len, &root)) {
        read_value(c, root);
        jv_free(root);
    } else if (len) {
        read_text(c, body, len);
    }
    if (c->wait_s <= 0)
        c->wait_s = sm_wait_of_text(sm_buf_text(&c->message));
}

void sm_complaint_release(struct sm_complaint *c)
{
    sm_buf_release(&c->message);
    sm_buf_release(&c->codes);
    sm_buf_release(&c->params);
}
