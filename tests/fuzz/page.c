/* covers: cmd/report/text.c
 *
 * What people wrote, on its way into a page: nothing in it ends the element that it stands in. */
#include "tests/fuzz/support.h"

#include "cmd/report/text.h"

#include "lib/base/mem.h"
#include "lib/base/printable.h"
#include "lib/base/utf8.h"
#include "lib/json/json.h"

static void check_json(const char *text, size_t size)
{
    jv value;
    struct sm_buf out = {0};
    if (!sm_json_parse(text, size, &value, NULL))
        return;
    report_json(&out, value);
    REQUIRE(!memchr(out.data, '<', out.len));
    REQUIRE(!strstr(out.data, "\xe2\x80\xa8") && !strstr(out.data, "\xe2\x80\xa9"));
    REQUIRE(fuzz_is_line(out.data, out.len));
    REQUIRE(fuzz_reads_as(out.data, out.len, value));
    jv_free(value);
    sm_buf_release(&out);
}

static size_t check_shown(const struct sm_buf *out)
{
    size_t count = 0;
    for (size_t i = 0; i < out->len; count++) {
        uint32_t code;
        i += sm_utf8_decode(out->data + i, out->len - i, &code);
        REQUIRE(sm_is_printable(code));
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sm_buf out = {0};
    char *text = fuzz_string(data, size);
    check_json((const char *)data, size);
    report_text(&out, text);
    check_shown(&out);
    REQUIRE(!strpbrk(sm_buf_text(&out), "<>\"'"));
    for (const char *p = sm_buf_text(&out); (p = strchr(p, '&')); p++)
        REQUIRE(strncmp(p, "&lt;", 4) == 0 || strncmp(p, "&gt;", 4) == 0 ||
                strncmp(p, "&amp;", 5) == 0 || strncmp(p, "&quot;", 6) == 0 ||
                strncmp(p, "&#39;", 5) == 0);
    sm_buf_clear(&out);
    report_plain(&out, text, 10);
    REQUIRE(check_shown(&out) <= 10);
    sm_buf_release(&out);
    free(text);
    return 0;
}
