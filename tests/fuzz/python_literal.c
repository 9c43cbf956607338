/* covers: lib/data/python_literal.c
 *
 * A cell that may hold what Python prints of a list. */
#include "tests/fuzz/support.h"

#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/data/python_literal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct sm_buf json = {0};
    if (sm_utf8_valid(text, size) < size)
        return 0; /* such a row is refused before */
    sm_python_literal_begins(text, size);
    sm_buf_str(&json, "before");
    bool ok = sm_python_literal_json(text, size, &json);
    REQUIRE(strncmp(json.data, "before", 6) == 0);
    REQUIRE(ok ? fuzz_is_line(json.data + 6, json.len - 6) : json.len == 6);
    sm_buf_release(&json);
    return 0;
}
