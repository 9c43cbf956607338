#include "jqprog.h"

#include "buf.h"
#include "mem.h"

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

/* libjq would read $HOME/.jq into the program. */
static int compile_without_home(jq_state *jq, const char *program)
{
    const char *home = getenv("HOME");
    char *kept = home ? sm_strdup(home) : NULL;
    unsetenv("HOME");
    int ok = jq_compile(jq, program);
    if (kept)
        setenv("HOME", kept, 1);
    free(kept);
    return ok;
}

jq_state *sm_jq_compile(const char *program, const char *remedy, struct sm_err *err)
{
    struct sm_buf messages = {.max = 2000};
    jq_state *jq = jq_init();
    if (!jq)
        sm_out_of_memory();
    jq_set_error_cb(jq, keep_message, &messages);
    jq_set_attr(jq, jv_string("JQ_LIBRARY_PATH"), jv_array());
    jq_set_attr(jq, jv_string("JQ_ORIGIN"), jv_string("/"));
    jq_set_attr(jq, jv_string("PROGRAM_ORIGIN"), jv_string("/"));
    if (!compile_without_home(jq, program)) {
        sm_err_set(err, SM_EXIT_INPUT, remedy, "%s", sm_buf_text(&messages));
        jq_teardown(&jq);
    } else {
        jq_set_error_cb(jq, NULL, NULL);
    }
    sm_buf_release(&messages);
    return jq;
}

jv sm_jq_error(jv result)
{
    if (!jv_invalid_has_msg(jv_copy(result))) {
        jv_free(result);
        return jv_invalid();
    }
    jv message = jv_invalid_get_msg(result);
    return jv_get_kind(message) == JV_KIND_STRING ? message : jv_dump_string(message, 0);
}

jv sm_jq_value(jq_state *jq, jv input, const char *remedy, struct sm_err *err)
{
    jq_start(jq, input, 0);
    jv value = jq_next(jq);
    if (jv_is_valid(value))
        return value;
    jv text = sm_jq_error(value);
    sm_err_set(err, SM_EXIT_PARTIAL, remedy, "%.300s",
               jv_is_valid(text) ? jv_string_value(text) : "no result");
    jv_free(text);
    return jv_invalid();
}
