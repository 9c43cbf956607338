#include "cmd/report/text.h"

#include "lib/base/printable.h"
#include "lib/base/utf8.h"
#include "lib/json/json.h"

#include <stdint.h>
#include <string.h>

void report_plain(struct sm_buf *out, const char *text, size_t max)
{
    const char *end = text + strlen(text);
    for (size_t count = 0; *text; count++) {
        uint32_t code;
        size_t len = sm_utf8_decode(text, (size_t)(end - text), &code);
        if (count + 1 >= max && text[len]) {
            sm_buf_str(out, "\xe2\x80\xa6");
            return;
        }
        if (*text == '\n' || *text == '\t')
            sm_buf_char(out, ' ');
        else if (sm_is_printable(code))
            sm_buf_add(out, text, len);
        else
            sm_buf_str(out, SM_UNPRINTABLE);
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
    static const struct {
        const char *bytes, *escape;
    } unsafe[] = {{"<", "\\u003c"}, {"\xe2\x80\xa8", "\\u2028"}, {"\xe2\x80\xa9", "\\u2029"}};
    const char *end = text + len, *from = text;
    for (const char *p = text; p < end; p++) { /* they are only ever within a string */
        for (size_t i = 0; i < sizeof unsafe / sizeof *unsafe; i++) {
            size_t n = strlen(unsafe[i].bytes);
            if ((size_t)(end - p) < n || memcmp(p, unsafe[i].bytes, n) != 0)
                continue;
            sm_buf_add(out, from, (size_t)(p - from));
            sm_buf_str(out, unsafe[i].escape);
            from = p + n;
        }
    }
    sm_buf_add(out, from, (size_t)(end - from));
}

void report_json(struct sm_buf *out, jv value)
{
    struct sm_buf json = {0};
    sm_json_value(&json, value);
    report_json_text(out, sm_buf_text(&json), json.len);
    sm_buf_release(&json);
}
