/* A page to read, and plots to publish, of what was learned and how well it judges. */
#include "cmd/report/gnuplot.h"
#include "cmd/report/kinds.h"
#include "cmd/report/page.h"
#include "cmd/report/read.h"

#include <math.h>
#include <unistd.h>

#define FIELD(name) offsetof(struct report, name)
static const struct sm_opt options[] = {
    {0, "html", "FILE", SM_OPT_TEXT, FIELD(html), 0, 0,
     "Write the page to FILE, - being standard output. Default without --plot: -."},
    {0, "plot", "FILE", SM_OPT_TEXT, FIELD(plot), 0, 0,
     "Draw one plot by gnuplot into FILE, which ends in .svg, .png or .pdf; - is standard output."},
    {0, "kind", "accuracy|comparison|reliability|curve", SM_OPT_CHOICE, FIELD(kind), 0, 0,
     "What to plot: accuracy by user, judges compared, p_first against what came true, or accuracy "
     "by the number of pairs learned from. Default: accuracy."},
    {0, "format", "svg|png|pdf", SM_OPT_CHOICE, FIELD(format), 0, 0,
     "The plot's format, whatever FILE ends in. Default: as it ends, for - svg."},
    {0, "against", "FILE", SM_OPT_TEXT, FIELD(against), 0, 0,
     "Set the verdicts of another judge, in FILE, beside those of the input."},
    {0, "label", "NAME=FILE", SM_OPT_TEXTS, FIELD(label), 0, 0,
     "Call the judge whose verdicts are in FILE, - being standard input, or that sm-eval's records "
     "name FILE, by NAME. May be given several times."},
    {0, "title", "TEXT", SM_OPT_TEXT, FIELD(title), 0, 0, "The page's title. Default: Judges."},
    {0, "ci", "auto|basic|percentile|bca|wilson|exact|cluster|korn-graubard", SM_OPT_CHOICE,
     FIELD(eval) + offsetof(struct eval, set) + offsetof(struct eval_options, ci), 0, 0,
     "The intervals of what is counted here, as in sm-eval. Default: auto."},
    {0, "ties", "0|half|drop", SM_OPT_CHOICE,
     FIELD(eval) + offsetof(struct eval, set) + offsetof(struct eval_options, ties), 0, 0,
     "What a tie counts, as in sm-eval. Default: 0."},
    {0, "seed", "N", SM_OPT_INT,
     FIELD(eval) + offsetof(struct eval, set) + offsetof(struct eval_options, seed), 0, 9e15,
     "Seed of the resamples, as in sm-eval. Default: 0."},
    SM_OPT_END};

static const char *const formats[] = {[PLOT_SVG] = "svg", [PLOT_PNG] = "png", [PLOT_PDF] = "pdf"};

/* The format that --format says, or the file's ending; PLOT_FORMATS: neither does. */
static enum plot_format format_of(const struct report *report)
{
    enum plot_format format = 0;
    const char *dot = strrchr(report->plot, '.');
    const char *name = report->format ? report->format : dot ? dot + 1 : "";
    while (format < PLOT_FORMATS && strcmp(name, formats[format]) != 0)
        format++;
    return format == PLOT_FORMATS && strcmp(report->plot, "-") == 0 ? PLOT_SVG : format;
}

static bool is_standard(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

/* Whether the input is, or has in it, standard input. */
static bool reads_standard(const struct app *app)
{
    bool reads = app->file_count == 0;
    for (size_t i = 0; i < app->file_count; i++)
        reads |= is_standard(app->files[i]);
    return reads;
}

/* Works out what the options mean together. False with `err` if they contradict each other. */
static bool resolve_options(struct report *report, struct sm_err *err)
{
    struct eval *e = &report->eval;
    for (e->method = SM_CI_AUTO; strcmp(sm_ci_name(e->method), e->set.ci) != 0;)
        e->method++;
    e->ties = e->set.ties[0] == 'h' ? TIES_HALF : e->set.ties[0] == 'd' ? TIES_DROPPED : TIES_WRONG;
    if (e->ties == TIES_HALF && (e->method == SM_CI_WILSON || e->method == SM_CI_EXACT))
        return sm_err_set(err, SM_EXIT_USAGE, "take --ci auto, percentile, bca or cluster",
                          "--ci %s is an interval of right and wrong alone, and has no half",
                          e->set.ci);
    if (is_standard(report->against) && reads_standard(e->app))
        return sm_err_set(err, SM_EXIT_USAGE, "give one of them a file's name",
                          "the input and --against cannot both be standard input");
    if (!report->plot && !report->html)
        report->html = "-";
    if (is_standard(report->plot) && is_standard(report->html))
        return sm_err_set(err, SM_EXIT_USAGE, "give one of them a file's name",
                          "--plot and --html cannot both be standard output");
    if (report->plot && format_of(report) == PLOT_FORMATS)
        return sm_err_set(err, SM_EXIT_USAGE, "let it end in .svg, .png or .pdf, or give --format",
                          "--plot %s has no format", report->plot);
    if ((is_standard(report->html) || is_standard(report->plot)) && isatty(STDOUT_FILENO))
        return sm_err_set(err, SM_EXIT_USAGE, "write it to a file: --html FILE or --plot FILE",
                          "a page or a plot is nothing for a terminal");
    return true;
}

static enum report_kind kind_of(const struct report *report)
{
    enum report_kind kind = 0;
    while (strcmp(report_kinds[kind], report->kind) != 0)
        kind++;
    return kind;
}

static bool write_plot(struct report *report, struct sm_err *err)
{
    struct figure figures[FIGURES_MAX];
    struct sink sink;
    size_t count = report_figures(report, kind_of(report), figures, err);
    if (count == 0)
        return false;
    bool ok = sink_open(&sink, report->eval.app, report->plot, err);
    bool drawn = ok && report_gnuplot(figures, count, format_of(report), &sink, err);
    if (!sink_close(&sink, drawn))
        ok = false;
    report_figures_release(figures, count);
    return ok;
}

static bool write_page(struct report *report, struct sm_err *err)
{
    struct sink sink;
    bool ok = sink_open(&sink, report->eval.app, report->html, err);
    if (ok)
        report_page(report, &sink);
    return sink_close(&sink, ok) && ok;
}

/* Whether the input has nothing to show. `err` stays empty if that was reported before. */
static bool is_empty(struct report *report, struct sm_err *err)
{
    if (report->row_count > 0 || report->shared_count > 0)
        return false;
    if (!report->unread)
        sm_err_set(err, SM_EXIT_INPUT, "give it what sm-fit, sm-judge or sm-eval wrote",
                   "no records in the input");
    return true;
}

static void write_all(struct report *report)
{
    struct app *app = report->eval.app;
    struct sm_err err = {0};
    if (is_empty(report, &err)) {
        app_fail(app, &err);
        return;
    }
    if (report->plot && !write_plot(report, &err))
        app_fail(app, &err);
    if (report->html && !write_page(report, &err))
        app_fail(app, &err);
    if (report->judged.pending_users == 0)
        return;
    sm_err_set(&err, SM_EXIT_PENDING,
               "have them answered, sm-cache import the answers, and run the same commands again",
               "%zu users wait for answers", report->judged.pending_users);
    app_fail(app, &err);
}

int main(int argc, char **argv)
{
    static const struct sm_program program = {
        .name = "sm-report",
        .of_users = true,
        .summary = "draw what was learned and how well it judges",
        .operands = "[FILE ...]",
        .about =
            "Reads records of any program of the suite, several files as one stream, and writes a "
            "page that\nholds everything it shows, plots of accuracy, comparison and calibration, "
            "a table of the users, and\nof each user the persona, the examples, every verdict with "
            "its reasons, and the search's scores;\nor one plot for a paper, by gnuplot. No model "
            "is asked.",
    };
    struct app app;
    struct sm_err err = {0};
    struct report report = {.eval = {.app = &app, .set = {.ci = "auto", .ties = "0"}},
                            .kind = "accuracy",
                            .title = "Judges",
                            .all = jv_invalid()};
    const struct sm_opt_group groups[] = {{options, &report}, {0}};
    if (app_start(&app, &program, groups, argc, argv)) {
        if (!resolve_options(&report, &err) || !labels_parse(&report.labels, &report.label, &err))
            app_fail(&app, &err);
        else if (report_read(&report))
            write_all(&report);
    }
    report_release(&report);
    return app_end(&app);
}
