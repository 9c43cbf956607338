/* covers: lib/llm/wait_hint.c
 *
 * How long an endpoint asks to wait, in a header and in a text. */
#include "tests/fuzz/support.h"

#include "lib/base/mem.h"
#include "lib/llm/internal/wait_hint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_string(data, size);
    double seconds = sm_wait_of_header(text, 1700000000000);
    REQUIRE(seconds >= 0 || seconds == -1); /* and not NaN */
    REQUIRE(sm_wait_of_text(text) >= 0);
    free(text);
    return 0;
}
