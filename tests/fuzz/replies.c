/* covers: lib/stage/reply.c
 *
 * The text of a reply, for the parsers of judge, persona, rubric and scores. A first byte 't' says
 * that it was cut off. It ends in time (the driver's and libFuzzer's limit), in a verdict of the
 * right form or none. */
#include "tests/fuzz/support.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/judge/rubric.h"
#include "lib/judge/weights.h"
#include "lib/stage/prompts.h"
#include "lib/stage/reply.h"
#include "lib/stage/stage.h"

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

/* Two criteria, for the parser of scores. */
static jv criteria(void)
{
    return JV_ARRAY(jv_string("Names doses"), jv_string("Warm"));
}

static jv read_reply(const char *name, const struct sm_completion *c)
{
    struct sm_err err = {0};
    jv input = jv_object_set(sm_reply_input(c), jv_string("criteria"), criteria());
    jv value = sm_prompts_reply(prompts, name, input, &err);
    REQUIRE(!err.message);
    REQUIRE(!jv_is_valid(value) || sm_json_text(value, "reasoning", NULL));
    return value;
}

static void check_rubric(const struct sm_completion *c)
{
    jv rubric = read_reply("rubric", c);
    if (jv_is_valid(rubric)) {
        jv list = sm_json_get(rubric, "criteria");
        REQUIRE(sm_rubric_check(rubric, NULL));
        REQUIRE(jv_array_length(list) <= SM_WEIGHTS_MAX);
    }
    jv_free(rubric);
}

static void check_scores(const struct sm_completion *c)
{
    jv scores = read_reply("scores", c);
    double first[2], second[2];
    if (jv_is_valid(scores)) {
        REQUIRE(sm_rubric_scores(scores, 2, first, second));
        for (int i = 0; i < 2; i++)
            REQUIRE(first[i] >= 0 && first[i] <= 10 && second[i] >= 0 && second[i] <= 10);
    }
    jv_free(scores);
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
    check_rubric(&c);
    check_scores(&c);
    jv_free(verdict);
    jv_free(persona);
    jv_free(text);
    return 0;
}
