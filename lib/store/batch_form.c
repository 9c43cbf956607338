#include "lib/store/batch_form.h"

#include "lib/base/mem.h"
#include "lib/base/texts.h"
#include "lib/json/jq_program.h"
#include "lib/json/json.h"

struct sm_batch_turner {
    enum sm_batch_form form;
    jq_state *jq;
};

static const char *const names[] = {"openai", "anthropic", "gemini"};

const char *sm_batch_form_name(enum sm_batch_form form)
{
    return names[form];
}

enum sm_batch_form sm_batch_form_named(const char *name)
{
    enum sm_batch_form form = SM_BATCH_OPENAI;
    while (form + 1 < SM_BATCH_FORMS && strcmp(names[form], name) != 0)
        form++;
    return form;
}

static jv_kind kind_of(jv line, const char *name)
{
    jv value = sm_json_get(line, name);
    jv_kind kind = jv_get_kind(value);
    jv_free(value);
    return kind;
}

static bool has(jv line, const char *name)
{
    return kind_of(line, name) != JV_KIND_INVALID;
}

enum sm_batch_form sm_batch_form_of_request(jv line)
{
    bool id = kind_of(line, "custom_id") == JV_KIND_STRING;
    if (id && has(line, "params"))
        return SM_BATCH_ANTHROPIC;
    if (id && has(line, "body"))
        return SM_BATCH_OPENAI;
    bool key = kind_of(line, "key") == JV_KIND_STRING;
    return key && has(line, "request") ? SM_BATCH_GEMINI : SM_BATCH_FORMS;
}

enum sm_batch_form sm_batch_form_of_answer(jv line)
{
    bool id = kind_of(line, "custom_id") == JV_KIND_STRING;
    if (id && has(line, "result"))
        return SM_BATCH_ANTHROPIC;
    if (id && (has(line, "response") || has(line, "error")))
        return SM_BATCH_OPENAI;
    bool key = kind_of(line, "key") == JV_KIND_STRING && !has(line, "type");
    return key && (has(line, "response") || has(line, "error") || has(line, "status"))
               ? SM_BATCH_GEMINI
               : SM_BATCH_FORMS;
}

const char *sm_batch_form_foreign(jv line)
{
    if (sm_batch_form_of_request(line) != SM_BATCH_FORMS)
        return "a request of a batch, not its answer";
    if (has(line, "recordId"))
        return "a line of Amazon Bedrock's batches, whose form is not known";
    if (has(line, "request") && has(line, "response"))
        return "a line of Vertex AI's batches, which has no key";
    if (has(line, "custom_id") || has(line, "key"))
        return "a line of a batch in a form that is not known";
    return NULL;
}

struct sm_batch_turner *sm_batch_turner_open(enum sm_batch_form form, struct sm_err *err)
{
    struct sm_batch_turner *turner = sm_alloc(1, sizeof *turner);
    struct sm_buf program = {0};
    turner->form = form;
    sm_buf_str(&program, sm_jq_preamble);
    sm_buf_str(&program, sm_builtin_find(sm_batchform_texts, names[form]));
    sm_buf_str(&program, "if .[0] == \"request\" then .[1] | request else .[1] | answer end");
    turner->jq = sm_jq_compile(program.data, NULL, err);
    sm_buf_release(&program);
    if (turner->jq)
        return turner;
    free(turner);
    return NULL;
}

void sm_batch_turner_close(struct sm_batch_turner *turner)
{
    if (!turner)
        return;
    jq_teardown(&turner->jq);
    free(turner);
}

static bool turn(struct sm_batch_turner *turner, const char *what, jv line, struct sm_buf *out,
                 struct sm_err *err)
{
    jq_start(turner->jq, JV_ARRAY(jv_string(what), jv_copy(line)), 0);
    jv made = jq_next(turner->jq);
    if (jv_is_valid(made)) {
        sm_json_value(out, made);
        jv_free(made);
        return true;
    }
    char *said = sm_jq_error(made);
    sm_err_set(err, SM_EXIT_PARTIAL, "see sm-llm(7) for the forms of batches",
               "not as %s's batches have it: %.200s", names[turner->form],
               said ? said : "nothing comes of it");
    free(said);
    return false;
}

bool sm_batch_turn_request(struct sm_batch_turner *turner, jv line, struct sm_buf *out,
                           struct sm_err *err)
{
    return turn(turner, "request", line, out, err);
}

bool sm_batch_turn_answer(struct sm_batch_turner *turner, jv line, struct sm_buf *out,
                          struct sm_err *err)
{
    return turn(turner, "answer", line, out, err);
}
