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

#define BAR_WIDTH 96 /* of the interval in a row */

/* Appends a source that allows one inline element, by its contents. */
static void source_hash(struct sm_buf *out, const char *text)
{
    unsigned char digest[EVP_MAX_MD_SIZE] = {0}, base64[2 * EVP_MAX_MD_SIZE] = {0};
    unsigned int len = 0;
    if (!EVP_Digest(text, strlen(text), digest, &len, EVP_sha256(), NULL))
        sm_out_of_memory();
    EVP_EncodeBlock(base64, digest, (int)len);
    sm_buf_printf(out, "'sha256-%s'", (const char *)base64);
}

static void write_policy(struct sm_buf *out)
{
    sm_buf_str(out, "default-src 'none'; script-src ");
    source_hash(out, sm_builtin_find(sm_page_texts, "page.js"));
    sm_buf_str(out, "; style-src ");
    source_hash(out, sm_builtin_find(sm_page_texts, "page.css"));
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

static void number_cell(struct sm_buf *out, const char *class, double number, const char *format)
{
    if (isnan(number)) {
        sm_buf_printf(out, "<td class=\"%s\"></td>", class);
        return;
    }
    sm_buf_printf(out, "<td class=\"%s\">", class);
    sm_buf_printf(out, strcmp(format, "%") == 0 ? "%.1f%%" : "%.0f",
                  strcmp(format, "%") == 0 ? 100 * number : number);
    sm_buf_str(out, "</td>");
}

static double on_bar(double share)
{
    return 2 + fmin(1, fmax(0, share)) * (BAR_WIDTH - 4);
}

/* Draws accuracy and its interval. */
static void bar_cell(struct sm_buf *out, const struct result *f)
{
    sm_buf_str(out, "<td class=\"span\">");
    if (!isnan(f->accuracy)) {
        sm_buf_printf(out,
                      "<svg viewBox=\"0 0 %d 16\" width=\"%d\" height=\"16\" aria-hidden=\"true\">"
                      "<path class=\"half\" d=\"M%d 1V15\"/>",
                      BAR_WIDTH, BAR_WIDTH, BAR_WIDTH / 2);
        if (!isnan(f->low) && !isnan(f->high))
            sm_buf_printf(out, "<path class=\"bar\" d=\"M%.1f 8H%.1f\"/>", on_bar(f->low),
                          on_bar(f->high));
        sm_buf_printf(out, "<circle class=\"dot\" cx=\"%.1f\" cy=\"8\" r=\"3.5\"/></svg>",
                      on_bar(f->accuracy));
    }
    if (!isnan(f->low) && !isnan(f->high))
        sm_buf_printf(out, "<span class=\"unseen\">%.1f%% to %.1f%%</span>", 100 * f->low,
                      100 * f->high);
    sm_buf_str(out, "</td>");
}

static void write_row(const struct user_row *row, size_t number, struct sm_buf *out)
{
    const struct result *f = &row->result;
    const char *state = row->pending ? "waiting" : row->failed ? "failed" : "";
    sm_buf_printf(out, "<tr data-is=\"%s%s%s\"><th scope=\"row\"><a href=\"#u%zu\">", state,
                  f->accuracy < 0.5 ? " below" : "", f->ties > 0 ? " tied" : "", number);
    report_text(out, *row->user ? row->user : "(no name)");
    sm_buf_printf(out, "</a>%s%s%s</th>", *state ? "<b>" : "", state, *state ? "</b>" : "");
    number_cell(out, "pairs", row->counted ? f->pairs : NAN, "");
    number_cell(out, "accuracy", row->counted ? f->accuracy : NAN, "%");
    bar_cell(out, f);
    number_cell(out, "ties", row->counted ? f->ties : NAN, "");
    number_cell(out, "failures", (double)row->failed, "");
    number_cell(out, "first", row->counted ? f->first : NAN, "%");
    number_cell(out, "agreement", row->counted ? f->agreement : NAN, "%");
    sm_buf_printf(out, "<td class=\"won\">%s</td><td class=\"about\">", row->won ? row->won : "");
    report_text(out, row->about ? row->about : "");
    sm_buf_str(out, "</td></tr>\n");
}

static void write_shared(const struct report *report, struct sm_buf *out)
{
    sm_buf_str(out, "{\"all\":");
    report_json(out, report->all);
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
        sm_buf_printf(out, "<script type=\"application/json\" id=\"records-%zu\">", i);
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
        sm_buf_str(out, sm_builtin_find(sm_page_texts, "page.css"));
    else if (strcmp(name, "SCRIPT") == 0)
        sm_buf_str(out, sm_builtin_find(sm_page_texts, "page.js"));
    else if (strcmp(name, "PLOTS") == 0)
        write_plots(report, out);
    else if (strcmp(name, "SHARED") == 0)
        write_shared(report, out);
    else if (strcmp(name, "USERS") == 0)
        sm_buf_printf(out, "%zu", report->row_count);
    else if (strcmp(name, "ROWS") == 0)
        for (size_t i = 0; i < report->row_count; i++) {
            write_row(&report->rows[i], i, out);
            flush(out, sink);
        }
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
