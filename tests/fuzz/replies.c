/* covers: lib/stage/reply.c
 *
 * The text of a reply, for the parsers of judge and persona. A first byte 't' says that it was cut
 * off. It ends in time (the driver's and libFuzzer's limit), in a verdict of the right form or
 * none. */
#include "tests/fuzz/support.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/stage/prompts.h"
#include "lib/stage/reply.h"

static struct sm_prompts *prompts;

static void close_prompts(void)
{
    sm_prompts_close(prompts);
}

/* Compiling takes long: once for all. */
static void open_prompts(void)
{
    struct sm_err err = {0};
    prompts = sm_prompts_open(NULL, &err);
    REQUIRE(prompts);
    atexit(close_prompts);
}

static jv read_reply(const char *name, const struct sm_completion *c)
{
    struct sm_err err = {0};
    jv value = sm_prompts_value(prompts, name, "reply", sm_reply_input(c), &err);
    REQUIRE(!err.message);
    REQUIRE(!jv_is_valid(value) || sm_json_text(value, "reasoning", NULL));
    return value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!prompts)
        open_prompts();
    if (size == 0)
        return 0;
    jv text = jv_string_sized((const char *)data + 1, (int)size - 1); /* which makes it UTF-8 */
    struct sm_completion c = {.root = jv_invalid(),
                              .content = jv_string_value(text),
                              .content_len = (size_t)jv_string_length_bytes(jv_copy(text)),
                              .truncated = data[0] == 't'};
    jv verdict = read_reply("judge", &c);
    if (jv_is_valid(verdict)) {
        const char *preference = sm_json_text(verdict, "preference", NULL);
        REQUIRE(preference);
        REQUIRE(strcmp(preference, "First") == 0 || strcmp(preference, "Second") == 0);
    }
    jv persona = read_reply("persona", &c);
    if (jv_is_valid(persona)) {
        size_t len = 0;
        REQUIRE(sm_json_text(persona, "persona", &len) && len > 0);
    }
    jv_free(verdict);
    jv_free(persona);
    jv_free(text);
    return 0;
}
