#include "lib/stage/prompts.h"

#include "lib/base/mem.h"
#include "lib/base/texts.h"
#include "lib/json/jq_program.h"
#include "lib/json/json.h"

#include <openssl/evp.h>

static const char *const names[SM_PROMPT_COUNT] = {"judge",  "persona",    "revise",    "rubric",
                                                   "scores", "generation", "likelihood"};
static const char *const entries[] = {"system",   "demo",       "question", "schema",
                                      "examples", "transcript", "quick",    "reply"};
#define ENTRIES (sizeof entries / sizeof *entries)
#define READING (ENTRIES - 1) /* the last one is by far the longest of some programs */

/* What a program need not define. It goes on its first line, so that line numbers stay right. */
static const char defaults[] = " def transcript: null; def quick: empty;";

/* A state of libjq takes some 15 ms to make, so that a program is compiled when it is first used:
 * most of ours use one. One from outside is compiled at once, or it would fail in the middle. */
struct prompt {
    char *source;
    char *schema; /* NULL: none */
    bool quick;   /* built in, with a `quick` that spares most replies the `reply` */
    jq_state *jq,
        *reply; /* NULL until they are used; `reply` is that entry point alone if `quick` */
};

struct sm_prompts {
    struct prompt each[SM_PROMPT_COUNT];
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

/* The program with the entry points from `first` up to `end`. */
static void write_program(struct sm_buf *out, const char *source, size_t first, size_t end)
{
    sm_buf_str(out, sm_jq_preamble);
    sm_jq_one_line(out, common());
    sm_buf_printf(out, " def sm_run($sm_entry):%s %s\n", defaults, source);
    for (size_t k = first; k < end; k++)
        sm_buf_printf(out, "%s $sm_entry == \"%s\" then %s\n", k > first ? "elif" : "if",
                      entries[k], entries[k]);
    sm_buf_str(out, "else error(\"no such entry point\") end;\n"
                    ". as [$sm_entry, $sm_input] | $sm_input | sm_run($sm_entry)");
}

static jq_state *compile(const struct prompt *prompt, size_t first, size_t end, struct sm_err *err)
{
    struct sm_buf program = {0};
    write_program(&program, prompt->source, first, end);
    jq_state *jq = sm_jq_compile(program.data, "see sm-prompts(5) for the entry points", err);
    sm_buf_release(&program);
    return jq;
}

/* The program of that name, compiled; NULL with `err`, which is also set if the schema fails. */
static struct prompt *ready(struct sm_prompts *prompts, const char *name, struct sm_err *err)
{
    int i = index_of(name);
    if (i < 0)
        sm_err_set(err, SM_EXIT_INPUT, NULL, "no prompt program %s", name);
    struct prompt *prompt = i < 0 ? NULL : &prompts->each[i];
    if (!prompt || prompt->jq)
        return prompt;
    prompt->jq = compile(prompt, 0, prompt->quick ? READING : ENTRIES, err);
    if (!prompt->jq)
        return NULL;
    jv schema = sm_prompts_value(prompts, name, "schema", jv_null(), err);
    if (jv_get_kind(schema) == JV_KIND_OBJECT) {
        /* Unsorted: models write properties in this order, and reasoning must come first. */
        jv text = jv_dump_string(jv_copy(schema), 0);
        prompt->schema = sm_strdup(jv_string_value(text));
        jv_free(text);
    }
    jv_free(schema);
    return prompt;
}

/* *own counts programs from `dir` (may be NULL). */
static bool load(struct sm_prompts *prompts, size_t i, const char *dir, size_t *own,
                 struct sm_err *err)
{
    struct prompt *prompt = &prompts->each[i];
    const char *built_in = sm_builtin_find(sm_prompt_texts, names[i]);
    prompt->source = dir ? read_source(dir, names[i], err) : NULL;
    if (err->message)
        return false;
    *own += prompt->source != NULL;
    if (!prompt->source)
        prompt->source = sm_strdup(built_in);
    if (strcmp(prompt->source, built_in) == 0) {
        prompt->quick = strstr(built_in, "\ndef quick:") != NULL;
        return true;
    }
    ready(prompts, names[i], err);
    if (!prompt->jq)
        sm_err_prefix(err, "%s/%s.jq", dir, names[i]);
    return !err->message;
}

struct sm_prompts *sm_prompts_open(const char *dir, struct sm_err *err)
{
    struct sm_prompts *prompts = sm_alloc(1, sizeof *prompts);
    size_t own = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < SM_PROMPT_COUNT; i++)
        ok = load(prompts, i, dir, &own, err);
    if (ok && dir && !own)
        ok = sm_err_set(
            err, SM_EXIT_INPUT,
            "put judge.jq, persona.jq, revise.jq, rubric.jq, scores.jq, generation.jq or "
            "likelihood.jq there; sm-prompt --show NAME prints the built-in ones",
            "%s: no prompt program in this folder", dir);
    if (ok)
        return prompts;
    sm_prompts_close(prompts);
    return NULL;
}

void sm_prompts_close(struct sm_prompts *prompts)
{
    if (!prompts)
        return;
    for (size_t i = 0; i < SM_PROMPT_COUNT; i++) {
        struct prompt *prompt = &prompts->each[i];
        free(prompt->source);
        free(prompt->schema);
        if (prompt->jq)
            jq_teardown(&prompt->jq);
        if (prompt->reply)
            jq_teardown(&prompt->reply);
    }
    free(prompts);
}

const char *sm_prompts_source(const struct sm_prompts *prompts, const char *name)
{
    int i = index_of(name);
    if (strcmp(name, "common") == 0)
        return common();
    return i < 0 ? NULL : prompts->each[i].source;
}

void sm_prompts_digests(const struct sm_prompts *prompts, struct sm_buf *out)
{
    for (size_t i = 0; i < SM_PROMPT_COUNT; i++) {
        unsigned char digest[EVP_MAX_MD_SIZE] = {0};
        unsigned len = 0;
        struct sm_buf text = {0};
        sm_buf_printf(&text, "%s%s", common(), prompts->each[i].source);
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
    struct sm_err err = {0};
    const struct prompt *prompt = ready(prompts, name, &err);
    sm_err_clear(&err);
    return prompt ? prompt->schema : NULL;
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
    const struct prompt *prompt = ready(prompts, name, err);
    jv message;
    if (!prompt) {
        jv_free(input);
        return false;
    }
    jq_start(prompt->jq, JV_ARRAY(jv_string(entry), input), 0);
    while (jv_is_valid(message = jq_next(prompt->jq))) {
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

/* The first that the entry point gives in a state; an invalid jv of none (NULL: it could not be
 * made), with `err` if it failed. Consumes `input`. */
static jv first_of(jq_state *jq, const char *name, const char *entry, jv input, struct sm_err *err)
{
    if (!jq) {
        jv_free(input);
        return jv_invalid();
    }
    jq_start(jq, JV_ARRAY(jv_string(entry), input), 0);
    jv value = jq_next(jq);
    if (jv_is_valid(value))
        return value;
    failed(value, name, entry, err);
    return jv_invalid();
}

jv sm_prompts_value(struct sm_prompts *prompts, const char *name, const char *entry, jv input,
                    struct sm_err *err)
{
    const struct prompt *prompt = ready(prompts, name, err);
    return first_of(prompt ? prompt->jq : NULL, name, entry, input, err);
}

jv sm_prompts_reply(struct sm_prompts *prompts, const char *name, jv input, struct sm_err *err)
{
    struct prompt *prompt = ready(prompts, name, err);
    if (!prompt || !prompt->quick)
        return first_of(prompt ? prompt->jq : NULL, name, "reply", input, err);
    jv value = first_of(prompt->jq, name, "quick", jv_copy(input), err);
    if (jv_is_valid(value) || err->message) {
        jv_free(input);
        return value;
    }
    if (!prompt->reply)
        prompt->reply = compile(prompt, READING, ENTRIES, err);
    return first_of(prompt->reply, name, "reply", input, err);
}
