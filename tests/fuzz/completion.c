/* covers: lib/llm/completion.c lib/llm/event_stream.c lib/llm/message.c lib/llm/complaint.c
 * lib/llm/fault.c
 *
 * The body of an answer. Its first byte chooses HTTP's status, the rest is what came. */
#include "tests/fuzz/support.h"

#include "lib/base/mem.h"
#include "lib/base/printable.h"
#include "lib/base/utf8.h"
#include "lib/llm/completion.h"
#include "lib/llm/fault.h"
#include "lib/llm/internal/complaint.h"

static void check_usage(const struct sm_usage *usage)
{
    REQUIRE(usage->in >= 0 && usage->out >= 0 && usage->untold >= 0);
    REQUIRE(usage->cached >= 0 && usage->cached <= usage->in);
    REQUIRE(usage->reasoning >= 0 && usage->reasoning <= usage->out);
}

/* What is kept of an answer is read as the answer was. */
static void check_kept(const struct sm_buf *line, const struct sm_completion *first)
{
    struct sm_completion c;
    struct sm_buf again = {0};
    REQUIRE(fuzz_is_line(line->data, line->len));
    REQUIRE(sm_completion_parse(line->data, line->len, &again, &c));
    REQUIRE(c.content_len == first->content_len &&
            memcmp(c.content, first->content, c.content_len) == 0);
    REQUIRE(c.truncated == first->truncated && c.refused == first->refused);
    REQUIRE(memcmp(&c.usage, &first->usage, sizeof c.usage) == 0);
    REQUIRE(again.len == line->len && memcmp(again.data, line->data, line->len) == 0);
    sm_completion_release(&c);
    sm_buf_release(&again);
}

static bool is_shown(const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0, n; i < len; i += n) {
        uint32_t code;
        n = sm_utf8_decode(text + i, len - i, &code);
        if (!sm_is_printable(code))
            return false;
    }
    return true;
}

static void check_fault(long status, const char *body, size_t len)
{
    struct sm_err err = {0};
    struct sm_complaint complaint;
    struct sm_fault fault = sm_fault_read(status, body, len, "it broke", -1, &err);
    REQUIRE(err.message && is_shown(err.message));
    REQUIRE(fault.wait_s >= 0); /* and not NaN */
    sm_err_clear(&err);
    sm_complaint_read(&complaint, body, len);
    REQUIRE(is_shown(sm_buf_text(&complaint.message)));
    REQUIRE(complaint.wait_s >= 0);
    REQUIRE(complaint.status == 0 || (complaint.status >= 400 && complaint.status < 600));
    sm_complaint_release(&complaint);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const long statuses[] = {0,   200, 204, 301, 400, 401, 402, 403, 404, 405, 408, 409,
                                    410, 413, 415, 421, 422, 424, 429, 500, 502, 503, 529};
    if (size == 0)
        return 0;
    const char *body = (const char *)data + 1;
    struct sm_buf line = {0};
    struct sm_completion c;
    if (sm_completion_parse(body, size - 1, &line, &c)) {
        REQUIRE(c.content[c.content_len] == '\0');
        REQUIRE(sm_utf8_valid(c.content, c.content_len) == c.content_len);
        check_usage(&c.usage);
        check_kept(&line, &c);
        jv_free(sm_completion_logprobs(&c));
        if (c.why) {
            struct sm_buf refusal = {0};
            sm_completion_refusal(&refusal, c.model, c.why);
            REQUIRE(fuzz_is_line(refusal.data, refusal.len));
            sm_buf_release(&refusal);
        }
        sm_completion_release(&c);
    }
    check_fault(statuses[data[0] % (sizeof statuses / sizeof *statuses)], body, size - 1);
    sm_buf_release(&line);
    return 0;
}
