#include "lib/data/format.h"

#include "lib/base/mem.h"
#include "lib/base/texts.h"
#include "lib/data/internal/format.h"
#include "lib/data/internal/plain.h"
#include "lib/json/jq_program.h"
#include "lib/json/json.h"

/* What stands before each program, in this order; these are no formats. */
static const char *const shared[] = {"common", "common-columns"};

/* What a program is run for. */
static const char *const entries[] = {"description", "group", "pairs"};

/* Entry points that a program need not define. */
static const char defaults[] =
    " def columns: []; def known: []; def group: null; def plain: null; def reads: \"json\";";
/* `plain` is for built-in ones; to one's own it is a name like any other. A value that is not given
 * is null. */
#define FIRST(name) #name ": [limit(1; " #name ")][0]"
#define DESCRIPTION(more)                                                                          \
    " def description: {" FIRST(columns) "," FIRST(known) "," FIRST(reads) more "};"
static const char description[] = DESCRIPTION("");
static const char builtin_description[] = DESCRIPTION("," FIRST(plain));

static bool is_shared(const char *name)
{
    bool is = false;
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        is = is || strcmp(name, shared[i]) == 0;
    return is;
}

const char *sm_format_name(size_t i)
{
    for (const struct sm_builtin *t = sm_format_texts; t->name; t++) {
        if (!is_shared(t->name) && i-- == 0)
            return t->name;
    }
    return NULL;
}

size_t sm_format_count(void)
{
    size_t count = 0;
    while (sm_format_name(count))
        count++;
    return count;
}

bool sm_format_is_table(const char *name)
{
    return strstr(sm_format_source(name), "\ndef reads:") != NULL;
}

void sm_format_names(struct sm_buf *names)
{
    for (size_t i = 0; sm_format_name(i); i++)
        sm_buf_printf(names, "%s%s", i ? ", " : "", sm_format_name(i));
}

const char *sm_format_source(const char *name)
{
    return sm_builtin_find(sm_format_texts, name);
}

static void write_shared(struct sm_buf *out)
{
    sm_buf_str(out, sm_jq_preamble);
    for (size_t k = 0; k < sizeof shared / sizeof *shared; k++)
        sm_jq_one_line(out, sm_format_source(shared[k]));
    sm_buf_str(out, defaults);
}

static void write_program(struct sm_buf *out, const char *source, bool builtin)
{
    size_t last = sizeof entries / sizeof *entries - 1; /* the one that is run on each row */
    write_shared(out);
    sm_buf_printf(out, " def sm_program($sm_entry; $options): %s\n%s", source,
                  builtin ? builtin_description : description);
    for (size_t k = last + 1; k-- > 0;)
        sm_buf_printf(out, "%s $sm_entry == \"%s\" then %s\n", k < last ? "elif" : "if", entries[k],
                      entries[k]);
    sm_buf_str(out, "else empty end;\n"
                    ". as [$sm_entry, $options, $sm_input] | $sm_input"
                    " | sm_program($sm_entry; $options)");
}

jv sm_format_descriptions(void)
{
    struct sm_buf program = {0};
    struct sm_err err = {0};
    write_shared(&program);
    for (size_t i = 0; sm_format_name(i); i++)
        sm_buf_printf(&program, " def sm_format_%zu($options): %s\n%s description;\n", i,
                      sm_format_source(sm_format_name(i)), builtin_description);
    for (size_t i = 0; sm_format_name(i); i++)
        sm_buf_printf(&program, "%s{\"%s\": sm_format_%zu({})}", i ? " + " : "", sm_format_name(i),
                      i);
    jq_state *jq = sm_jq_compile(program.data, NULL, &err);
    jv all = jv_object();
    if (jq) {
        jq_start(jq, jv_null(), 0);
        jv_free(all);
        all = jq_next(jq);
        jq_teardown(&jq);
    }
    sm_buf_release(&program);
    sm_err_clear(&err);
    return all;
}

static bool compile(struct sm_format *format, const char *source, struct sm_err *err)
{
    struct sm_buf program = {0};
    write_program(&program, source, format->builtin);
    format->jq = sm_jq_compile(program.data, "see sm-import(1) for the entry points", err);
    sm_buf_release(&program);
    return format->jq != NULL;
}

/* To compile one takes some 50 ms: of built-in ones that are tried, those alone that get a row.
 * Consumes `input`. False with `err` if the program cannot be compiled. */
static bool start_program(struct sm_format *format, const char *entry, jv input, struct sm_err *err)
{
    if (!format->jq && !compile(format, sm_format_source(format->name), err)) {
        jv_free(input);
        return false;
    }
    jq_start(format->jq, JV_ARRAY(jv_string(entry), jv_copy(format->options), input), 0);
    return true;
}

/* True if an error stopped the program. Consumes `result`. */
static bool failed(jv result, struct sm_err *err)
{
    char *said = sm_jq_error(result);
    if (!said)
        return false;
    sm_err_set(err, SM_EXIT_PARTIAL, NULL, "%.300s", said);
    free(said);
    return true;
}

static jv one_value(struct sm_format *format, const char *entry, jv input, struct sm_err *err)
{
    if (!start_program(format, entry, input, err))
        return jv_null();
    jv value = jq_next(format->jq);
    if (jv_is_valid(value))
        return value;
    failed(value, err);
    return jv_null();
}

/* A list of names, or if `alternatives` of names and lists of names. */
static bool columns_ok(jv columns, bool alternatives)
{
    bool ok = jv_get_kind(columns) == JV_KIND_ARRAY;
    int n = ok ? jv_array_length(jv_copy(columns)) : 0;
    for (int i = 0; ok && i < n; i++) {
        jv column = jv_array_get(jv_copy(columns), i);
        bool is_list = jv_get_kind(column) == JV_KIND_ARRAY;
        ok = is_list
                 ? alternatives && jv_array_length(jv_copy(column)) > 0 && columns_ok(column, false)
                 : jv_get_kind(column) == JV_KIND_STRING;
        jv_free(column);
    }
    return ok;
}

/* Takes what a program says that it reads (consumed). */
static bool describe(struct sm_format *format, jv said, struct sm_err *err)
{
    static const char *const kinds[] = {
        [SM_ROWS_JSON] = "json", [SM_ROWS_CSV] = "csv", [SM_ROWS_TSV] = "tsv"};
    const char *reads = sm_json_text(said, "reads", NULL);
    bool known = false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!reads || strcmp(reads, kinds[i]) != 0)
            continue;
        format->reads = (enum sm_rows_kind)i;
        known = true;
    }
    format->columns = sm_json_get(said, "columns");
    format->known = sm_json_get(said, "known");
    if (format->builtin)
        format->plain = sm_json_get(said, "plain");
    jv_free(said);
    static const char remedy[] = "see sm-import(1) for the entry points";
    if (!known)
        return sm_err_set(err, SM_EXIT_INPUT, remedy,
                          "`reads` is not \"json\", \"csv\" or \"tsv\"");
    if (!columns_ok(format->columns, true))
        return sm_err_set(err, SM_EXIT_INPUT, remedy,
                          "`columns` is not a list of names, or of lists of names");
    if (!columns_ok(format->known, false))
        return sm_err_set(err, SM_EXIT_INPUT, remedy, "`known` is not a list of names");
    sm_format_list_names(format);
    return true;
}

static char *load_source(const char *name, const char *path, struct sm_err *err)
{
    if (!path)
        return sm_strdup(sm_format_source(name));
    char *text = sm_jq_program_text(path, err);
    if (!text && !err->message)
        sm_err_set(err, SM_EXIT_INPUT, "check the name", "%s: no such file", path);
    return text;
}

/* Consumes `options`. */
static struct sm_format *new_format(const char *name, bool builtin, jv options)
{
    struct sm_format *format = sm_alloc(1, sizeof *format);
    *format = (struct sm_format){.name = sm_strdup(name),
                                 .options = options,
                                 .builtin = builtin,
                                 .plain = jv_null(),
                                 .columns = jv_invalid(),
                                 .known = jv_invalid(),
                                 .names = jv_invalid(),
                                 .spellings = jv_invalid()};
    return format;
}

static bool has_groups(const char *source)
{
    return strstr(source, "def group:") != NULL;
}

struct sm_format *sm_format_open(const char *name, const char *path, jv options, struct sm_err *err)
{
    struct sm_format *format = new_format(path ? path : name, !path, options);
    char *source = load_source(name, path, err);
    bool ok = source && compile(format, source, err);
    if (ok) {
        format->groups = has_groups(source);
        jv said = one_value(format, "description", jv_null(), err);
        if (err->message)
            err->code = SM_EXIT_INPUT;
        ok = !err->message && describe(format, jv_copy(said), err);
        jv_free(said);
    }
    if (source && !ok)
        sm_err_prefix(err, "%s", format->name);
    free(source);
    if (ok)
        return format;
    sm_format_close(format);
    return NULL;
}

struct sm_format *sm_format_described(const char *name, jv descriptions, jv options)
{
    struct sm_format *format = new_format(name, true, options);
    struct sm_err err = {0};
    format->groups = has_groups(sm_format_source(name));
    describe(format, sm_json_get(descriptions, name), &err);
    sm_err_clear(&err); /* the built-in ones are right */
    return format;
}

void sm_format_close(struct sm_format *format)
{
    if (!format)
        return;
    if (format->jq)
        jq_teardown(&format->jq);
    jv_free(format->options);
    jv_free(format->plain);
    jv_free(format->columns);
    jv_free(format->known);
    jv_free(format->names);
    jv_free(format->spellings);
    free(format->name);
    free(format);
}

enum sm_rows_kind sm_format_reads(const struct sm_format *format)
{
    return format->reads;
}

void sm_format_like(jv row, struct sm_buf *names)
{
    jv descriptions = sm_format_descriptions();
    for (size_t i = 0; sm_format_name(i); i++) {
        struct sm_buf missing = {0};
        struct sm_format *format =
            sm_format_described(sm_format_name(i), descriptions, jv_object());
        if (format->reads == SM_ROWS_JSON && !sm_format_missing(format, row, &missing))
            sm_buf_printf(names, "%s%s", names->len ? ", " : "", sm_format_name(i));
        sm_format_close(format);
        sm_buf_release(&missing);
    }
    jv_free(descriptions);
}

bool sm_format_key(struct sm_format *format, jv row, jv *key, struct sm_err *err)
{
    *key = format->groups ? one_value(format, "group", jv_copy(row), err) : jv_null();
    if (!err->message)
        return true;
    jv_free(*key);
    return false;
}

/* Whether *input was a row that needs no program, and is a pair now. Options may say more of it. */
static bool is_plain(const struct sm_format *format, jv *input)
{
    if (jv_get_kind(format->plain) != JV_KIND_OBJECT || jv_get_kind(*input) != JV_KIND_OBJECT ||
        sm_json_text(format->options, "dataset", NULL) ||
        sm_json_text(format->options, "split", NULL))
        return false;
    return sm_plain_pair(input, format->names, sm_json_text(format->plain, "dataset", NULL));
}

bool sm_format_run(struct sm_format *format, jv input, sm_format_fn *each, void *arg,
                   struct sm_err *err)
{
    jv made;
    if (is_plain(format, &input))
        return each(arg, input);
    if (!start_program(format, "pairs", input, err))
        return false;
    while (jv_is_valid(made = jq_next(format->jq))) {
        if (!each(arg, made))
            return false;
    }
    return !failed(made, err);
}
