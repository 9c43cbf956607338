#include "tests/mock/log.h"

#include "tests/mock/die.h"
#include "tests/mock/json.h"

#define LINE_BYTES (1 << 20)

FILE *log_open(const char *path)
{
    FILE *log = fopen(path, "a");
    if (!log || setvbuf(log, NULL, _IOFBF, LINE_BYTES) != 0)
        die("%s: cannot be written", path);
    return log;
}

void log_call(FILE *log, const struct call *call, unsigned status, const char *fault)
{
    jv line = JV_OBJECT(jv_string("path"), jv_string(call->path), jv_string("authorization"),
                        member_or(call->headers, "authorization", jv_null()), jv_string("headers"),
                        jv_copy(call->headers), jv_string("status"), jv_number(status),
                        jv_string("fault"), fault ? jv_string(fault) : jv_null());
    jv text = jv_dump_string(line, 0);
    int len = jv_string_length_bytes(jv_copy(text));
    /* the body stands last, as it came, where the brace was */
    fprintf(log, "%.*s,\"body\":%.*s}\n", len - 1, jv_string_value(text), (int)call->len,
            call->bytes);
    fflush(log);
    jv_free(text);
}
