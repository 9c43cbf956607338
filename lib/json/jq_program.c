#include "lib/json/jq_program.h"

#include "lib/base/file.h"
#include "lib/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define SOURCE_MAX_BYTES ((size_t)1 << 20)

const char sm_jq_preamble[] =
    "{} as $ENV | def env: {}; def input: error(\"no input here\"); def inputs: empty;"
    " def debug: .; def stderr: .; def halt: empty; def halt_error: empty;"
    " def halt_error($n): empty; def input_filename: null;";

void sm_jq_one_line(struct sm_buf *out, const char *source)
{
    for (const char *line = source; *line;) {
        size_t len = strcspn(line, "\n");
        if (line[strspn(line, " ")] != '#') {
            sm_buf_add(out, line, len);
            sm_buf_char(out, ' ');
        }
        line += len + (line[len] == '\n');
    }
}

static void keep_message(void *arg, jv message)
{
    struct sm_buf *text = arg;
    jv formatted = jq_format_error(message);
    if (text->len)
        sm_buf_str(text, "; ");
    const char *said = jv_string_value(formatted);
    sm_buf_add(text, said, strcspn(said, "\n"));
    jv_free(formatted);
}

static void out_of_memory(void *arg)
{
    (void)arg;
    sm_out_of_memory();
}

jq_state *sm_jq_compile(const char *program, const char *remedy, struct sm_err *err)
{
    struct sm_buf messages = {.max = 2000};
    jq_state *jq = jq_init();
    if (!jq)
        sm_out_of_memory();
    jq_set_nomem_handler(jq, out_of_memory, NULL); /* by default it aborts */
    jq_set_error_cb(jq, keep_message, &messages);
    jq_set_attr(jq, jv_string("JQ_LIBRARY_PATH"), jv_array());
    jq_set_attr(jq, jv_string("JQ_ORIGIN"), jv_string("/"));
    jq_set_attr(jq, jv_string("PROGRAM_ORIGIN"), jv_string("/"));
    if (!jq_compile(jq, program)) {
        sm_err_set(err, SM_EXIT_INPUT, remedy, "%s", sm_buf_text(&messages));
        jq_teardown(&jq);
    } else {
        jq_set_error_cb(jq, NULL, NULL);
    }
    sm_buf_release(&messages);
    return jq;
}

char *sm_jq_error(jv result)
{
    char *said = NULL;
    bool there = jv_invalid_has_msg(jv_copy(result));
    jv message = jv_invalid_get_msg(result);
    if (there) {
        jv text = jv_get_kind(message) == JV_KIND_STRING ? jv_copy(message)
                                                         : jv_dump_string(jv_copy(message), 0);
        said = sm_strdup(jv_string_value(text));
        jv_free(text);
    }
    jv_free(message);
    return said;
}

char *sm_jq_program_text(const char *path, struct sm_err *err)
{
    struct sm_buf text = {.max = SOURCE_MAX_BYTES};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno != ENOENT)
        sm_err_set(err, SM_EXIT_INPUT, NULL, "%s: %s", path, strerror(errno));
    if (fd < 0)
        return NULL;
    bool ok = sm_file_read(fd, &text) ||
              sm_err_set(err, SM_EXIT_INPUT, NULL, "%s: %s", path, strerror(errno));
    close(fd);
    if (ok && text.over)
        ok = sm_err_set(err, SM_EXIT_INPUT, NULL, "%s: longer than a megabyte", path);
    if (ok)
        return sm_buf_take(&text);
    sm_buf_release(&text);
    return NULL;
}
