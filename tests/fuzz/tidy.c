/* covers: lib/json/tidy.c
 *
 * Text that may be JSON: what sm_json_tidy() gives is strict JSON on one line, and given to it
 * again stays as it is; what libjq reads already is read as the same. */
#include "tests/fuzz/support.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/json/tidy.h"

static void check_tidy(const char *text, size_t size, struct sm_buf *out)
{
    struct sm_buf again = {0};
    size_t used = sm_json_tidy(text, size, out);
    jv value;
    REQUIRE(used <= size && (used > 0) == (out->len > 0));
    if (used > 0) {
        REQUIRE(fuzz_is_line(out->data, out->len));
        REQUIRE(sm_json_tidy(out->data, out->len, &again) == out->len);
        REQUIRE(again.len == out->len && memcmp(again.data, out->data, out->len) == 0);
        REQUIRE(sm_json_parse(out->data, out->len, &value, NULL));
        jv_free(value);
    }
    if (used > 0 && fuzz_is_json(text, used, 128)) {
        REQUIRE(sm_json_parse(text, used, &value, NULL));
        REQUIRE(fuzz_reads_as(out->data, out->len, value));
        jv_free(value);
    }
    REQUIRE(used == size || !fuzz_is_json(text, size, 100));
    sm_buf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct sm_buf out = {0}, bounded = {.max = 20};
    check_tidy(text, size, &out);
    sm_buf_str(&bounded, "before");
    if (!sm_json_tidy(text, size, &bounded))
        REQUIRE(strcmp(bounded.data, "before") == 0);
    jv objects = sm_json_objects(text, size, 3);
    REQUIRE(jv_array_length(jv_copy(objects)) <= 3);
    jv_array_foreach(objects, i, object)
    {
        REQUIRE(jv_get_kind(object) == JV_KIND_OBJECT);
        jv_free(object);
    }
    jv_free(objects);
    sm_buf_release(&out);
    sm_buf_release(&bounded);
    return 0;
}
