#include "cmd/report/text.h"

#include "lib/json/json.h"

#include <stdint.h>
#include <string.h>

/* Whether a character is shown as it is: no control, nothing that changes the direction of text. */
static bool is_seen(const char *text, size_t len)
{
    unsigned char c = (unsigned char)text[0];
    if (len == 1)
        return c >= 0x20 && c != 0x7f;
    if (len == 2)
        return c != 0xc2 || (unsigned char)text[1] >= 0xa0;
    if (len == 3 && c == 0xe2) {
        unsigned char b = (unsigned char)text[1], d = (unsigned char)text[2];
        bool mark = b == 0x80 && ((d >= 0x8e && d <= 0x8f) || (d >= 0xa8 && d <= 0xae));
        return !mark && !(b == 0x81 && d >= 0xa6 && d <= 0xa9);
    }
    return true;
}

static size_t length_at(const char *text)
{
    unsigned char c = (unsigned char)*text;
    size_t len = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4, i = 1;
    while (i < len && ((unsigned char)text[i] & 0xc0) == 0x80)
        i++;
    return i;
}

void report_plain(struct sm_buf *out, const char *text, size_t max)
{
    for (size_t count = 0; *text; count++) {
        size_t len = length_at(text);
        if (count + 1 >= max && text[len]) {
            sm_buf_str(out, "\xe2\x80\xa6");
            return;
        }
        if (*text == '\n' || *text == '\t')
            sm_buf_char(out, ' ');
        else if (is_seen(text, len))
            sm_buf_add(out, text, len);
        else
            sm_buf_str(out, "\xef\xbf\xbd");
        text += len;
    }
}

void report_text(struct sm_buf *out, const char *text)
{
    struct sm_buf plain = {0};
    report_plain(&plain, text, SIZE_MAX);
    for (const char *p = sm_buf_text(&plain); *p; p++) {
        const char *entity = *p == '<'    ? "&lt;"
                             : *p == '>'  ? "&gt;"
                             : *p == '&'  ? "&amp;"
                             : *p == '"'  ? "&quot;"
                             : *p == '\'' ? "&#39;"
                                          : NULL;
        if (entity)
            sm_buf_str(out, entity);
        else
            sm_buf_char(out, *p);
    }
    sm_buf_release(&plain);
}

void report_json_text(struct sm_buf *out, const char *text, size_t len)
{
    const char *end = text + len, *open;
    while ((open = memchr(text, '<', (size_t)(end - text)))) { /* only ever within a string */
        sm_buf_add(out, text, (size_t)(open - text));
        sm_buf_str(out, "\\u003c");
        text = open + 1;
    }
    sm_buf_add(out, text, (size_t)(end - text));
}

void report_json(struct sm_buf *out, jv value)
{
    struct sm_buf json = {0};
    sm_json_value(&json, value);
    report_json_text(out, sm_buf_text(&json), json.len);
    sm_buf_release(&json);
}
