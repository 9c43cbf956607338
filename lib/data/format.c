#include "lib/data/format.h"

#include "lib/base/mem.h"
#include "lib/base/texts.h"
#include "lib/data/internal/plain.h"
#include "lib/json/jq_program.h"
#include "lib/json/json.h"

#include <ctype.h>

#define NAMES_SHOWN 8 /* of the alternatives to a column that is missing */

struct sm_format {
    jq_state *jq;
    char *name; /* for messages */
    jv options;
    enum sm_rows_kind reads;
    bool builtin;
    bool groups;  /* the program has a `group` of its own */
    jv plain;     /* {dataset} of the pairs of rows that need no program; null: all need it */
    jv columns;   /* a list of names, or of lists of alternative names */
    jv known;     /* a list of the other names that it reads */
    jv names;     /* an object with all of these names */
    jv spellings; /* an object of them by what they are without case */
};

/* What stands before each program, in this order; these are no formats. */
static const char *const shared[] = {"common", "common-columns"};

static const char *const entries[] = {"columns", "known", "reads", "plain", "group", "pairs"};
#define ENTRIES (sizeof entries / sizeof *entries)
#define DESCRIBING 4 /* the first ones are about the format, and compile in a third of the time */

/* Entry points that a program need not define. */
static const char defaults[] =
    " def columns: []; def known: []; def group: null; def plain: null; def reads: \"json\";";

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

/* The program with the first `count` entry points alone. */
static void write_program(struct sm_buf *out, const char *source, size_t count)
{
    sm_buf_str(out, sm_jq_preamble);
    for (size_t k = 0; k < sizeof shared / sizeof *shared; k++)
        sm_jq_one_line(out, sm_format_source(shared[k]));
    sm_buf_printf(out, "%s def sm_program($sm_entry; $options): %s\n", defaults, source);
    for (size_t k = count; k-- > 0;) /* the last one is the one that is run on each row */
        sm_buf_printf(out, "%s $sm_entry == \"%s\" then %s\n", k + 1 < count ? "elif" : "if",
                      entries[k], entries[k]);
    sm_buf_str(out, "else empty end;\n"
                    ". as [$sm_entry, $options, $sm_input] | $sm_input"
                    " | sm_program($sm_entry; $options)");
}

static void start_program(struct sm_format *format, const char *entry, jv input)
{
    jq_start(format->jq, JV_ARRAY(jv_string(entry), jv_copy(format->options), input), 0);
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
    start_program(format, entry, input);
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

/* Asks the program what it reads. */
static bool describe(struct sm_format *format, struct sm_err *err)
{
    static const char *const kinds[] = {
        [SM_ROWS_JSON] = "json", [SM_ROWS_CSV] = "csv", [SM_ROWS_TSV] = "tsv"};
    jv reads = one_value(format, "reads", jv_null(), err);
    const char *word = jv_get_kind(reads) == JV_KIND_STRING ? jv_string_value(reads) : "";
    bool known = false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(word, kinds[i]) != 0)
            continue;
        format->reads = (enum sm_rows_kind)i;
        known = true;
    }
    jv_free(reads);
    format->columns = one_value(format, "columns", jv_null(), err);
    if (!err->message)
        format->known = one_value(format, "known", jv_null(), err);
    if (!err->message && format->builtin)
        format->plain = one_value(format, "plain", jv_null(), err);
    if (err->message)
        err->code = SM_EXIT_INPUT;
    else if (!known)
        sm_err_set(err, SM_EXIT_INPUT, "see sm-import(1) for the entry points",
                   "`reads` is not \"json\", \"csv\" or \"tsv\"");
    else if (!columns_ok(format->columns, true))
        sm_err_set(err, SM_EXIT_INPUT, "see sm-import(1) for the entry points",
                   "`columns` is not a list of names, or of lists of names");
    else if (!columns_ok(format->known, false))
        sm_err_set(err, SM_EXIT_INPUT, "see sm-import(1) for the entry points",
                   "`known` is not a list of names");
    return !err->message;
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

/* A column as a list of its names. */
static jv names_of(jv columns, int i)
{
    jv column = jv_array_get(jv_copy(columns), i);
    return jv_get_kind(column) == JV_KIND_STRING ? JV_ARRAY(column) : column;
}

/* A name without case, with underscores for what else stands between words. */
static jv plain_name(const char *name)
{
    struct sm_buf plain = {0};
    name += strspn(name, " ");
    for (; *name; name++)
        sm_buf_char(&plain,
                    *name == ' ' || *name == '-' ? '_' : (char)tolower((unsigned char)*name));
    while (plain.len && plain.data[plain.len - 1] == '_')
        plain.data[--plain.len] = '\0';
    jv text = jv_string(sm_buf_text(&plain));
    sm_buf_release(&plain);
    return text;
}

/* All names of columns that the program reads. */
static void list_names(struct sm_format *format)
{
    jv lists[] = {format->columns, format->known};
    format->names = jv_object();
    format->spellings = jv_object();
    for (size_t k = 0; k < 2; k++) {
        for (int i = 0; i < jv_array_length(jv_copy(lists[k])); i++) {
            jv names = names_of(lists[k], i);
            for (int j = 0; j < jv_array_length(jv_copy(names)); j++) {
                jv name = jv_array_get(jv_copy(names), j);
                format->names = jv_object_set(format->names, jv_copy(name), jv_true());
                format->spellings = jv_object_set(format->spellings,
                                                  plain_name(jv_string_value(name)), jv_copy(name));
                jv_free(name);
            }
            jv_free(names);
        }
    }
}

static struct sm_format *open_entries(const char *name, const char *path, jv options, size_t count,
                                      struct sm_err *err)
{
    struct sm_format *format = sm_alloc(1, sizeof *format);
    *format = (struct sm_format){.name = sm_strdup(path ? path : name),
                                 .options = options,
                                 .builtin = !path,
                                 .plain = jv_null(),
                                 .columns = jv_invalid(),
                                 .known = jv_invalid(),
                                 .names = jv_invalid(),
                                 .spellings = jv_invalid()};
    struct sm_buf program = {0};
    char *source = load_source(name, path, err);
    bool ok = source != NULL;
    if (ok) {
        format->groups = strstr(source, "def group:") != NULL;
        write_program(&program, source, count);
        format->jq = sm_jq_compile(program.data, "see sm-import(1) for the entry points", err);
        ok = format->jq && describe(format, err);
        if (ok)
            list_names(format);
        if (!ok)
            sm_err_prefix(err, "%s", format->name);
    }
    free(source);
    sm_buf_release(&program);
    if (ok)
        return format;
    sm_format_close(format);
    return NULL;
}

struct sm_format *sm_format_open(const char *name, const char *path, jv options, struct sm_err *err)
{
    return open_entries(name, path, options, ENTRIES, err);
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

/* Whether `row` has the column; null counts as missing. */
static bool has_column(jv row, jv name)
{
    jv value = sm_json_get(row, jv_string_value(name));
    jv_kind kind = jv_get_kind(value);
    jv_free(value);
    return kind != JV_KIND_INVALID && kind != JV_KIND_NULL;
}

/* Whether `row` has the column under any of `names` (borrowed). */
static bool has_any(jv row, jv names)
{
    int n = jv_array_length(jv_copy(names));
    bool any = false;
    for (int i = 0; !any && i < n; i++) {
        jv name = jv_array_get(jv_copy(names), i);
        any = has_column(row, name);
        jv_free(name);
    }
    return any;
}

static void write_names(jv names, struct sm_buf *out)
{
    int n = jv_array_length(jv_copy(names));
    for (int i = 0; i < n && i < NAMES_SHOWN; i++) {
        jv name = jv_array_get(jv_copy(names), i);
        sm_buf_printf(out, "%s`%s`", i == 0 ? "" : i == 1 ? " (or " : ", ", jv_string_value(name));
        jv_free(name);
    }
    if (n > 1)
        sm_buf_str(out, n > NAMES_SHOWN ? ", …)" : ")");
}

bool sm_format_missing(const struct sm_format *format, jv row, struct sm_buf *what)
{
    int n = jv_array_length(jv_copy(format->columns));
    bool missing = false;
    for (int i = 0; i < n && !missing; i++) {
        jv names = names_of(format->columns, i);
        missing = !has_any(row, names);
        if (missing)
            write_names(names, what);
        jv_free(names);
    }
    return missing;
}

/* Whether `name` (borrowed) is among `columns`, or the alternatives to one of them. */
static bool is_column(jv columns, jv name)
{
    int n = jv_array_length(jv_copy(columns));
    bool found = false;
    for (int i = 0; !found && i < n; i++) {
        jv names = names_of(columns, i);
        for (int k = 0; !found && k < jv_array_length(jv_copy(names)); k++)
            found = jv_equal(jv_array_get(jv_copy(names), k), jv_copy(name));
        jv_free(names);
    }
    return found;
}

bool sm_format_knows(const struct sm_format *format, const char *name)
{
    return jv_object_has(jv_copy(format->names), jv_string(name));
}

const char *sm_format_spelling(const struct sm_format *format, const char *name)
{
    jv spelling = jv_object_get(jv_copy(format->spellings), plain_name(name));
    const char *own = jv_get_kind(spelling) == JV_KIND_STRING ? jv_string_value(spelling) : NULL;
    jv_free(spelling); /* the format holds it too */
    return own;
}

bool sm_format_needs(const struct sm_format *format, jv names, struct sm_buf *which)
{
    int n = jv_array_length(jv_copy(names));
    bool any = false;
    for (int i = 0; i < n; i++) {
        jv name = jv_array_get(jv_copy(names), i);
        bool needed = is_column(format->columns, name);
        if (needed)
            sm_buf_printf(which, "%s`%s`", any ? ", " : "", jv_string_value(name));
        any |= needed;
        jv_free(name);
    }
    return any;
}

jv sm_format_columns(const struct sm_format *format)
{
    jv all = jv_array();
    for (int i = 0; i < jv_array_length(jv_copy(format->columns)); i++)
        all = jv_array_concat(all, names_of(format->columns, i));
    return all;
}

void sm_format_like(jv row, struct sm_buf *names)
{
    for (size_t i = 0; sm_format_name(i); i++) {
        struct sm_err err = {0};
        struct sm_buf missing = {0};
        struct sm_format *format =
            open_entries(sm_format_name(i), NULL, jv_object(), DESCRIBING, &err);
        if (format && format->reads == SM_ROWS_JSON && !sm_format_missing(format, row, &missing))
            sm_buf_printf(names, "%s%s", names->len ? ", " : "", sm_format_name(i));
        sm_format_close(format);
        sm_buf_release(&missing);
        sm_err_clear(&err);
    }
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
    start_program(format, "pairs", input);
    while (jv_is_valid(made = jq_next(format->jq))) {
        if (!each(arg, made))
            return false;
    }
    return !failed(made, err);
}
