#include "lib/stage/prompts.h"

#include "lib/base/mem.h"
#include "lib/base/texts.h"
#include "lib/json/jq_program.h"
#include "lib/json/json.h"

#include <openssl/evp.h>

static const char *const names[SM_PROMPT_COUNT] = {"judge", "persona", "revise", "generation",
                                                   "likelihood"};
static const char *const entries[] = {"system", "demo",     "question",  "reply",
                                      "schema", "examples", "transcript"};

/* What a program need not define. It goes on its first line, so that line numbers stay right. */
static const char defaults[] = " def transcript: null;";

struct sm_prompts {
    jq_state *jq;
    char *source[SM_PROMPT_COUNT];
    char *schema[SM_PROMPT_COUNT]; /* NULL: none */
};

static const char *common(void)
{
    return sm_builtin_find(sm_prompt_texts, "common");
}

static int index_of(const char *name)
{
    for (int i = 0; i < SM_PROMPT_COUNT; i++) {
        if (strcmp(name, names[i]) == 0)
            return i;
    }
    return -1;
}

/* NULL without an error if there is no such file. */
static char *read_source(const char *dir, const char *name, struct sm_err *err)
{
    struct sm_buf path = {0};
    sm_buf_printf(&path, "%s/%s.jq", dir, name);
    char *text = sm_jq_program_text(path.data, err);
    sm_buf_release(&path);
    return text;
}

static bool load_sources(struct sm_prompts *prompts, const char *dir, struct sm_err *err)
{
    size_t own = 0;
    for (size_t i = 0; i < SM_PROMPT_COUNT; i++) {
        char *text = dir ? read_source(dir, names[i], err) : NULL;
        if (err->message)
            return false;
        own += text != NULL;
        prompts->source[i] = text ? text : sm_strdup(sm_builtin_find(sm_prompt_texts, names[i]));
    }
    return !dir || own ||
           sm_err_set(
               err, SM_EXIT_INPUT,
               "put judge.jq, persona.jq, revise.jq, generation.jq or likelihood.jq there; sm-prompt --show NAME "
               "prints the built-in ones",
               "%s: no prompt program in this folder", dir);
}

/* Each program becomes one function that dispatches on the entry point. */
static void write_function(struct sm_buf *out, const char *name, const char *source)
{
    sm_buf_printf(out, " def program_%s($sm_entry):%s %s\n", name, defaults, source);
    for (size_t k = 0; k < sizeof entries / sizeof *entries; k++)
        sm_buf_printf(out, "%s $sm_entry == \"%s\" then %s\n", k ? "elif" : "if", entries[k],
                      entries[k]);
    sm_buf_str(out, "else error(\"no such entry point\") end;\n");
}

static void start_text(struct sm_buf *program)
{
    sm_buf_str(program, sm_jq_preamble);
    sm_jq_one_line(program, common());
}

static jq_state *compile(const char *program, struct sm_err *err)
{
    return sm_jq_compile(program, "see sm-prompts(5) for the entry points", err);
}

/* Compiles one program alone, so that the message names the file that is wrong. */
static bool check_source(const char *dir, const char *name, const char *source, struct sm_err *err)
{
    struct sm_buf program = {0};
    start_text(&program);
    write_function(&program, name, source);
    sm_buf_printf(&program, "program_%s(\"system\")", name);
    jq_state *jq = compile(program.data, err);
    bool ok = jq != NULL;
    if (ok)
        jq_teardown(&jq);
    else
        sm_err_prefix(err, "%s/%s.jq", dir, name);
    sm_buf_release(&program);
    return ok;
}

static bool compile_all(struct sm_prompts *prompts, const char *dir, struct sm_err *err)
{
    struct sm_buf program = {0};
    start_text(&program);
    for (size_t i = 0; i < SM_PROMPT_COUNT; i++) {
        bool own =
            dir && strcmp(prompts->source[i], sm_builtin_find(sm_prompt_texts, names[i])) != 0;
        if (own && !check_source(dir, names[i], prompts->source[i], err)) {
            sm_buf_release(&program);
            return false;
        }
        write_function(&program, names[i], prompts->source[i]);
    }
    sm_buf_str(&program, ". as [$sm_program, $sm_entry, $sm_input] | $sm_input |\n");
    for (size_t i = 0; i < SM_PROMPT_COUNT; i++)
        sm_buf_printf(&program, "%s $sm_program == \"%s\" then program_%s($sm_entry)\n",
                      i ? "elif" : "if", names[i], names[i]);
    sm_buf_str(&program, "else error(\"no such program\") end");
    prompts->jq = compile(program.data, err);
    sm_buf_release(&program);
    return prompts->jq != NULL;
}

static bool load_schemas(struct sm_prompts *prompts, struct sm_err *err)
{
    for (size_t i = 0; i < SM_PROMPT_COUNT; i++) {
        jv schema = sm_prompts_value(prompts, names[i], "schema", jv_null(), err);
        if (jv_get_kind(schema) == JV_KIND_OBJECT) {
            /* Unsorted: models write properties in this order, and reasoning must come first. */
            jv text = jv_dump_string(jv_copy(schema), 0);
            prompts->schema[i] = sm_strdup(jv_string_value(text));
            jv_free(text);
        }
        jv_free(schema);
        if (err->message)
            return false;
    }
    return true;
}

struct sm_prompts *sm_prompts_open(const char *dir, struct sm_err *err)
{
    struct sm_prompts *prompts = sm_alloc(1, sizeof *prompts);
    if (load_sources(prompts, dir, err) && compile_all(prompts, dir, err) &&
        load_schemas(prompts, err))
        return prompts;
    sm_prompts_close(prompts);
    return NULL;
}

void sm_prompts_close(struct sm_prompts *prompts)
{
    if (!prompts)
        return;
    for (size_t i = 0; i < SM_PROMPT_COUNT; i++) {
        free(prompts->source[i]);
        free(prompts->schema[i]);
    }
    if (prompts->jq)
        jq_teardown(&prompts->jq);
    free(prompts);
}

const char *sm_prompts_source(const struct sm_prompts *prompts, const char *name)
{
    int i = index_of(name);
    if (strcmp(name, "common") == 0)
        return common();
    return i < 0 ? NULL : prompts->source[i];
}

void sm_prompts_digests(const struct sm_prompts *prompts, struct sm_buf *out)
{
    for (size_t i = 0; i < SM_PROMPT_COUNT; i++) {
        unsigned char digest[EVP_MAX_MD_SIZE] = {0};
        unsigned len = 0;
        struct sm_buf text = {0};
        sm_buf_printf(&text, "%s%s", common(), prompts->source[i]);
        if (!EVP_Digest(text.data, text.len, digest, &len, EVP_sha256(), NULL))
            sm_out_of_memory();
        sm_buf_release(&text);
        sm_buf_printf(out, "%s\"%s\":\"", i ? "," : "{", names[i]);
        for (size_t k = 0; k < 6; k++)
            sm_buf_printf(out, "%02x", digest[k]);
        sm_buf_char(out, '"');
    }
    sm_buf_char(out, '}');
}

const char *sm_prompts_schema(struct sm_prompts *prompts, const char *name)
{
    int i = index_of(name);
    return i < 0 ? NULL : prompts->schema[i];
}

static void start_program(struct sm_prompts *prompts, const char *name, const char *entry, jv input)
{
    jv call = JV_ARRAY(jv_string(name), jv_string(entry), input);
    jq_start(prompts->jq, call, 0);
}

/* Whether an invalid result is an error rather than just the end of the results. Consumes it. */
static bool failed(jv result, const char *name, const char *entry, struct sm_err *err)
{
    char *said = sm_jq_error(result);
    if (!said)
        return false;
    sm_err_set(err, SM_EXIT_INPUT, "mend the prompt program (see sm-prompts(5))",
               "prompt %s, entry point %s: %.300s", name, entry, said);
    free(said);
    return true;
}

static bool write_message(jv message, struct sm_buf *out)
{
    size_t role_len = 0, content_len = 0;
    const char *role = sm_json_text(message, "role", &role_len);
    const char *content = sm_json_text(message, "content", &content_len);
    if (!role || !content)
        return false;
    if (out->len && out->data[out->len - 1] != '[')
        sm_buf_char(out, ',');
    sm_buf_str(out, "{\"role\":");
    sm_json_string(out, role, role_len);
    sm_buf_str(out, ",\"content\":");
    sm_json_string(out, content, content_len);
    sm_buf_char(out, '}');
    return true;
}

bool sm_prompts_messages(struct sm_prompts *prompts, const char *name, const char *entry, jv input,
                         struct sm_buf *out, struct sm_err *err)
{
    start_program(prompts, name, entry, input);
    jv message;
    while (jv_is_valid(message = jq_next(prompts->jq))) {
        bool ok = write_message(message, out);
        jv_free(message);
        if (!ok)
            return sm_err_set(err, SM_EXIT_INPUT, "mend the prompt program (see sm-prompts(5))",
                              "prompt %s, entry point %s: gives something that is no message "
                              "{role, content}",
                              name, entry);
    }
    return !failed(message, name, entry, err);
}

jv sm_prompts_value(struct sm_prompts *prompts, const char *name, const char *entry, jv input,
                    struct sm_err *err)
{
    start_program(prompts, name, entry, input);
    jv value = jq_next(prompts->jq);
    if (jv_is_valid(value))
        return value;
    failed(value, name, entry, err);
    return jv_invalid();
}
