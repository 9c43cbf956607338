/* covers: lib/store/batch_form.c
 *
 * A line of a batch, a request or an answer, in any form: what it is turned into is JSON on one
 * line, and the body of an answer can be read. */
#include "tests/fuzz/support.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/llm/completion.h"
#include "lib/store/batch_form.h"

typedef bool turn_fn(struct sm_batch_turner *, jv, struct sm_buf *, struct sm_err *);

static void read_body(jv answer)
{
    jv response = sm_json_get(answer, "response"), body = sm_json_get(response, "body");
    struct sm_buf text = {0}, line = {0};
    struct sm_completion c;
    sm_json_value(&text, body);
    if (sm_completion_parse(text.data, text.len, &line, &c))
        sm_completion_release(&c);
    sm_buf_release(&text);
    sm_buf_release(&line);
    jv_free(body);
    jv_free(response);
}

static void turn(struct sm_batch_turner *turner, turn_fn *fn, jv line)
{
    struct sm_buf out = {0};
    struct sm_err err = {0};
    bool ok = fn(turner, line, &out, &err);
    REQUIRE(ok == !err.message);
    if (ok) {
        jv made;
        REQUIRE(fuzz_is_line(out.data, out.len));
        REQUIRE(sm_json_parse(out.data, out.len, &made, NULL));
        read_body(made);
        jv_free(made);
    }
    sm_err_clear(&err);
    sm_buf_release(&out);
}

static struct sm_batch_turner *turners[SM_BATCH_FORMS];

static void close_turners(void)
{
    for (enum sm_batch_form f = 0; f < SM_BATCH_FORMS; f++)
        sm_batch_turner_close(turners[f]);
}

/* Compiling takes long: once for all. */
static void open_turners(void)
{
    for (enum sm_batch_form f = SM_BATCH_ANTHROPIC; f < SM_BATCH_FORMS; f++)
        REQUIRE(turners[f] = sm_batch_turner_open(f, NULL));
    atexit(close_turners);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    jv line;
    if (!turners[SM_BATCH_ANTHROPIC])
        open_turners();
    if (!sm_json_parse((const char *)data, size, &line, NULL))
        return 0;
    enum sm_batch_form asked = sm_batch_form_of_request(line);
    enum sm_batch_form answered = sm_batch_form_of_answer(line);
    REQUIRE(asked <= SM_BATCH_FORMS && answered <= SM_BATCH_FORMS);
    for (enum sm_batch_form f = 0; f < SM_BATCH_FORMS; f++)
        REQUIRE(sm_batch_form_named(sm_batch_form_name(f)) == f);
    sm_batch_form_foreign(line);
    for (enum sm_batch_form f = SM_BATCH_ANTHROPIC; f < SM_BATCH_FORMS; f++) {
        if (asked == SM_BATCH_OPENAI)
            turn(turners[f], sm_batch_turn_request, line);
        if (answered == f)
            turn(turners[f], sm_batch_turn_answer, line);
    }
    jv_free(line);
    return 0;
}
