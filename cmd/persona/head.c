#include "cmd/persona/head.h"

#include "lib/io/reader.h"
#include "lib/json/json.h"

struct head {
    struct sm_prompts *prompts;
    const char *name;
    struct sm_buf *text;
};

static bool add_example(const struct head *head, jv example, struct sm_err *err)
{
    return sm_prompts_messages(head->prompts, head->name, "demo", example, head->text, err);
}

static bool add_line(void *arg, const char *line, size_t len, off_t offset, struct sm_err *err)
{
    jv example;
    (void)offset;
    return sm_json_parse(line, len, &example, err) && add_example(arg, example, err);
}

static bool add_own(const struct head *head, struct sm_err *err)
{
    jv examples = sm_prompts_value(head->prompts, head->name, "examples", jv_null(), err);
    int n = jv_get_kind(examples) == JV_KIND_ARRAY ? jv_array_length(jv_copy(examples)) : 0;
    bool ok = !err->message;
    for (int i = 0; ok && i < n; i++)
        ok = add_example(head, jv_array_get(jv_copy(examples), i), err);
    jv_free(examples);
    return ok;
}

bool head_write(struct sm_prompts *prompts, const char *name, const char *file, struct sm_buf *text,
                struct sm_err *err)
{
    struct head head = {prompts, name, text};
    sm_buf_char(text, '[');
    return sm_prompts_messages(prompts, name, "system", jv_object(), text, err) &&
           (file ? sm_read_lines(file, add_line, &head, err) : add_own(&head, err));
}
