#include "cmd/report/page.h"

#include "cmd/report/kinds.h"
#include "cmd/report/svg.h"
#include "cmd/report/text.h"

#include "lib/base/mem.h"
#include "lib/base/texts.h"
#include "lib/json/json.h"

#include <errno.h>
#include <math.h>
#include <openssl/evp.h>
#include <stdint.h>

/* The page's script and style sheet are their parts one after another. */
static const char *const scripts[] = {
    "base.js", "figures.js", "summary.js",  "pack.js",   "find.js",      "table.js",    "search.js",
    "diff.js", "pairs.js",   "verdicts.js", "rubric.js", "neighbors.js", "personas.js", "user.js"};
static const char *const styles[] = {"base.css", "table.css", "user.css", "learned.css",
                                     "narrow.css"};

static void add_parts(struct sm_buf *out, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sm_buf_str(out, sm_builtin_find(sm_page_texts, names[i]));
}

static void add_script(struct sm_buf *out)
{
    add_parts(out, scripts, sizeof scripts / sizeof *scripts);
}

static void add_style(struct sm_buf *out)
{
    add_parts(out, styles, sizeof styles / sizeof *styles);
}

/* Appends a source that allows one inline element, by its contents. */
static void source_hash(struct sm_buf *out, void (*add)(struct sm_buf *))
{
    unsigned char digest[EVP_MAX_MD_SIZE] = {0}, base64[2 * EVP_MAX_MD_SIZE] = {0};
    unsigned int len = 0;
    struct sm_buf text = {0};
    add(&text);
    if (!EVP_Digest(text.data, text.len, digest, &len, EVP_sha256(), NULL))
        sm_out_of_memory();
    EVP_EncodeBlock(base64, digest, (int)len);
    sm_buf_printf(out, "'sha256-%s'", (const char *)base64);
    sm_buf_release(&text);
}

static void write_policy(struct sm_buf *out)
{
    sm_buf_str(out, "default-src 'none'; script-src ");
    source_hash(out, add_script);
    sm_buf_str(out, "; style-src ");
    source_hash(out, add_style);
    sm_buf_str(out, "; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
                    "trusted-types 'none'");
}

static void write_plots(const struct report *report, struct sm_buf *out)
{
    for (enum report_kind kind = 0; kind < KINDS; kind++) {
        struct figure figures[FIGURES_MAX];
        size_t count = report_figures(report, kind, figures, NULL);
        for (size_t i = 0; i < count; i++)
            report_svg(&figures[i], out);
        report_figures_release(figures, count);
    }
}

/* Nothing for what the user does not have. Consumes `row`. */
static jv set_number(jv row, const char *name, double number)
{
    return isnan(number) ? row : jv_object_set(row, jv_string(name), jv_number(number));
}

static jv set_text(jv row, const char *name, const char *text)
{
    return text && *text ? jv_object_set(row, jv_string(name), jv_string(text)) : row;
}

static jv set_figures(jv row, const struct result *f)
{
    row = set_number(row, "pairs", f->pairs);
    row = set_number(row, "accuracy", f->accuracy);
    row = set_number(row, "low", f->low);
    row = set_number(row, "high", f->high);
    row = set_number(row, "ties", f->ties);
    row = set_number(row, "first", f->first);
    return set_number(row, "agreement", f->agreement);
}

static jv set_duels(jv row, const struct duel_counts *duels)
{
    if (duels->both + duels->gained + duels->lost + duels->neither == 0)
        return row;
    row = set_number(row, "both", (double)duels->both);
    row = set_number(row, "gained", (double)duels->gained);
    row = set_number(row, "lost", (double)duels->lost);
    return set_number(row, "neither", (double)duels->neither);
}

/* A row of the table, which the page draws when it comes into view. */
static void write_row(const struct user_row *row, struct sm_buf *out)
{
    struct sm_buf name = {0};
    report_plain(&name, row->user, SIZE_MAX);
    jv value = set_text(jv_object(), "user", sm_buf_text(&name));
    sm_buf_release(&name);
    value = set_text(value, "state", row->pending ? "waiting" : row->failed ? "failed" : NULL);
    if (row->counted)
        value = set_figures(value, &row->result);
    value = set_duels(value, &row->duels);
    value = set_number(value, "failed", (double)row->failed);
    value = set_text(value, "won", row->won);
    value = set_text(value, "about", row->about);
    report_json(out, value);
    jv_free(value);
}

/* What a file's judge is called; null for none. */
static void write_name(const struct report *report, const char *file, struct sm_buf *out)
{
    struct sm_buf name = {0};
    if (file)
        report_plain(&name, names_of(&report->names, file), SIZE_MAX);
    jv value = file ? jv_string(sm_buf_text(&name)) : jv_null();
    report_json(out, value);
    jv_free(value);
    sm_buf_release(&name);
}

static void write_shared(const struct report *report, struct sm_buf *out)
{
    sm_buf_str(out, "{\"all\":");
    report_json(out, report->all);
    sm_buf_str(out, ",\"judge\":");
    write_name(report, report->judge, out);
    sm_buf_str(out, ",\"given\":");
    sm_buf_str(out, report->given ? "true" : "false");
    sm_buf_str(out, ",\"against\":");
    write_name(report, report->against, out);
    sm_buf_str(out, ",\"names\":");
    names_write(&report->names, out);
    sm_buf_str(out, ",\"records\":[");
    for (size_t i = 0; i < report->shared_count; i++) {
        if (i)
            sm_buf_char(out, ',');
        report_json(out, report->shared[i]);
    }
    sm_buf_str(out, "]}");
}

static void flush(struct sm_buf *out, struct sink *sink)
{
    sink_write(sink, sm_buf_text(out), out->len);
    sm_buf_clear(out);
}

static void write_rows(const struct report *report, struct sm_buf *out, struct sink *sink)
{
    sm_buf_char(out, '[');
    for (size_t i = 0; i < report->row_count; i++) {
        sm_buf_str(out, i ? ",\n" : "");
        write_row(&report->rows[i], out);
        flush(out, sink);
    }
    sm_buf_char(out, ']');
}

static void fail_blocks(struct sink *sink)
{
    struct sm_err err = {0};
    sm_err_set(&err, SM_EXIT_INPUT, "make room and run the same command again",
               "cannot read back the records of a user: %s", strerror(errno));
    sink->failed = true;
    app_fail(sink->app, &err);
}

/* The records of each user; the page reads them when the user is opened. */
static void write_blocks(const struct report *report, struct sm_buf *out, struct sink *sink)
{
    char *line = NULL;
    size_t room = 0;
    rewind(report->blocks);
    for (size_t i = 0; i < report->row_count; i++) {
        ssize_t len = getline(&line, &room, report->blocks);
        if (len <= 0) {
            fail_blocks(sink);
            break;
        }
        sm_buf_printf(out, "<script type=\"application/octet-stream\" id=\"records-%zu\">", i);
        sm_buf_add(out, line, (size_t)len - 1);
        sm_buf_str(out, "</script>\n");
        flush(out, sink);
    }
    free(line);
}

/* What replaces @NAME@ in page.html. */
static void write_part(struct report *report, const char *name, struct sm_buf *out,
                       struct sink *sink)
{
    if (strcmp(name, "POLICY") == 0)
        write_policy(out);
    else if (strcmp(name, "TITLE") == 0)
        report_text(out, report->title);
    else if (strcmp(name, "STYLE") == 0)
        add_style(out);
    else if (strcmp(name, "SCRIPT") == 0)
        add_script(out);
    else if (strcmp(name, "PLOTS") == 0)
        write_plots(report, out);
    else if (strcmp(name, "SHARED") == 0)
        write_shared(report, out);
    else if (strcmp(name, "USERS") == 0)
        sm_buf_printf(out, "%zu", report->row_count);
    else if (strcmp(name, "ROWS") == 0)
        write_rows(report, out, sink);
    else if (strcmp(name, "RECORDS") == 0)
        write_blocks(report, out, sink);
}

void report_page(struct report *report, struct sink *sink)
{
    struct sm_buf out = {0};
    const char *text = sm_builtin_find(sm_page_texts, "page.html"), *open;
    while ((open = strchr(text, '@'))) {
        char name[16] = "";
        size_t len = strcspn(open + 1, "@");
        sm_buf_add(&out, text, (size_t)(open - text));
        snprintf(name, sizeof name, "%.*s", (int)len, open + 1);
        write_part(report, name, &out, sink);
        flush(&out, sink);
        text = open + len + 2;
    }
    sm_buf_str(&out, text);
    flush(&out, sink);
    sm_buf_release(&out);
}
