/* covers: cmd/common/credentials.c cmd/common/dotenv.c
 *
 * The same bytes as .env and as a file of headers. */
#include "tests/fuzz/support.h"

#include "cmd/common/credentials.h"
#include "cmd/common/dotenv.h"
#include "lib/base/mem.h"

static void read_dotenv(void)
{
    struct dotenv env = {0};
    struct sm_err err = {0};
    dotenv_read(&env, &err);
    sm_err_clear(&err);
    for (size_t i = 0; i < env.lines.count; i++) {
        const char *line = env.lines.at[i], *equals = strchr(line, '=');
        REQUIRE(equals);
        char *name = sm_strndup(line, (size_t)(equals - line));
        const char *value = dotenv_variable(&env, name);
        REQUIRE(!value || *value);
        free(name);
    }
    dotenv_release(&env);
}

static void read_headers(const char *file)
{
    struct sm_string_list files = {0}, lines = {0};
    struct sm_err err = {0};
    files.at = &file;
    files.count = 1;
    bool ok = headers_read(&files, &lines, &err);
    REQUIRE(ok == !err.message && (!ok || lines.count > 0));
    for (size_t i = 0; ok && i < lines.count; i++)
        REQUIRE(strchr(lines.at[i], ':') && !strpbrk(lines.at[i], "\r\n"));
    headers_release(&lines);
    sm_err_clear(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file(".env", data, size);
    read_dotenv();
    read_headers("@.env");
    read_headers("@.missing");
    read_headers("X-Key: seen by all");
    forget_keys();
    return 0;
}
