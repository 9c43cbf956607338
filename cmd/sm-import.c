/* Foreign data to records. */
#include "cmd/common/run_record.h"
#include "cmd/import/import.h"

#include "lib/json/json.h"

#include <stddef.h>

#define FIELD(name) offsetof(struct import_options, name)

static const struct sm_opt options[] = {
    {0, "list", NULL, SM_OPT_FLAG, FIELD(list), 0, 0,
     "List the formats with a line about each, and exit."},
    {0, "guess", NULL, SM_OPT_FLAG, FIELD(guess), 0, 0,
     "Tell which format fits the files, and why, and write the command that imports each; no FORMAT "
     "is given then."},
    {0, "check", NULL, SM_OPT_FLAG, FIELD(check), 0, 0,
     "Read all rows and tell what is wrong with them, but write no record other than `run`."},
    {0, "show", "FORMAT", SM_OPT_TEXT, FIELD(show), 0, 0,
     "Print the program of FORMAT, to write another after it, and exit."},
    {0, "map", "FILE.jq", SM_OPT_TEXT, FIELD(map), 0, 0,
     "Take the program of FILE.jq instead of a built-in format: then no FORMAT is given."},
    {0, "columns", "TO=FROM,...", SM_OPT_TEXTS, FIELD(columns), 0, 0,
     "Call column FROM of the rows TO, for example context=prompt,chosen=good. A comma that no NAME= "
     "follows is part of FROM. May be given several times."},
    {0, "pairs", "all|adjacent", SM_OPT_CHOICE, FIELD(pairs), 0, 0,
     "Which pairs a ranking of several replies gives: each with each, or each with the next. "
     "Default: all."},
    {0, "label-base", "0|1", SM_OPT_CHOICE, FIELD(label_base), 0, 0,
     "What a column that says by a number which reply was chosen calls the first one. Default: rows "
     "in which it may be either are left out, each with a message."},
    {0, "text-only", NULL, SM_OPT_FLAG, FIELD(text_only), 0, 0,
     "Leave pictures, sounds and other parts that are no text out of the rows that hold such, and "
     "count them. Default: these rows are left out, each with a message."},
    {0, "dataset", "NAME", SM_OPT_TEXT, FIELD(dataset), 0, 0,
     "The dataset member of pairs whose row has none. Default: the format's, or the name of --hf."},
    {0, "hf", "NAME", SM_OPT_TEXT, FIELD(hf), 0, 0,
     "Get the rows of this dataset from the Hugging Face datasets server instead of from files."},
    {0, "config", "NAME", SM_OPT_TEXT, FIELD(config), 0, 0,
     "The dataset's config. Default: its only one, or the one called default."},
    {0, "split", "NAME", SM_OPT_TEXTS, FIELD(splits), 0, 0,
     "A split of the dataset. May be given several times. Default: all splits."},
    {0, "pages", "DIR", SM_OPT_TEXT, FIELD(hf_cache), 0, 0,
     "Where what came from the server is kept. Default: synthesizeme/pages below XDG_CACHE_HOME or "
     "~/.cache."},
    {0, "hf-url", "URL", SM_OPT_TEXT, FIELD(hf_url), 0, 0,
     "The datasets server. Default: SM_HF_URL, else https://datasets-server.huggingface.co."},
    SM_OPT_END};

static const struct sm_program program = {
    .name = "sm-import",
    .summary = "turn foreign data into records",
    .operands = "[FORMAT] [FILE ...]",
    .about =
        "Reads rows of FORMAT from the files, or from a dataset of --hf, and writes `pair` "
        "records for\nsm-split. FORMAT program reads what the Python library saved, a folder "
        "or a file, and writes\n`persona` and `demos` records for sm-judge; FORMAT "
        "persona-program writes the\nlines of sm-persona --examples. --list lists the formats.",
};

/* The first line of a format's program describes it. */
static void list_formats(struct app *app)
{
    for (size_t i = 0; sm_format_name(i); i++) {
        struct sm_buf line = {0};
        const char *text = sm_format_source(sm_format_name(i));
        text += strspn(text, "# ");
        sm_buf_printf(&line, "%-20s %.*s\n", sm_format_name(i), (int)strcspn(text, "\n"), text);
        app_write(app, line.data, line.len);
        sm_buf_release(&line);
    }
}

static bool print_program(struct app *app, const char *name, struct sm_err *err)
{
    const char *text = sm_format_source(name);
    return text ? app_write(app, text, strlen(text)) : importer_unknown(name, err);
}

static void import_files(struct importer *importer)
{
    const struct app *app = importer->app;
    for (size_t i = 0; i < app->file_count || i == 0; i++) {
        const char *name = i < app->file_count ? app->files[i] : "-";
        if (importer->saved)
            import_saved(importer, name);
        else
            import_file(importer, name);
        if (app->output.broken)
            break;
    }
}

static void write_columns(const struct importer *importer, struct sm_buf *out)
{
    sm_buf_str(out, ",\"columns\":{");
    for (size_t i = 0; i < importer->column_count; i++) {
        sm_buf_str(out, i ? "," : "");
        sm_json_cstring(out, importer->columns[i].to);
        sm_buf_char(out, ':');
        sm_json_cstring(out, importer->columns[i].from);
    }
    sm_buf_char(out, '}');
}

static void write_run(struct importer *importer)
{
    struct sm_buf extra = {0};
    sm_buf_str(&extra, ",\"format\":");
    sm_json_cstring(&extra, importer->name);
    if (importer->column_count)
        write_columns(importer, &extra);
    sm_buf_printf(&extra, ",\"rows\":%zu,\"records\":%zu,\"bad\":%zu,\"dropped\":", importer->rows,
                  importer->records, importer->bad);
    import_tally_record(&importer->dropped, &extra);
    sm_buf_str(&extra, ",\"changed\":");
    import_tally_record(&importer->changed, &extra);
    run_record_write(importer->app, extra.data);
    sm_buf_release(&extra);
}

/* The `run` record has the same figures, but few look there. */
static void note_losses(struct importer *importer)
{
    struct sm_buf more = {0};
    import_tally_tell(&importer->dropped, "left out", &more);
    import_tally_tell(&importer->changed, "changed", &more);
    if (importer->bad || more.len || importer->set.check)
        app_note(importer->app, "%zu records of %zu rows, %zu problems%s", importer->records,
                 importer->rows, importer->bad, sm_buf_text(&more));
    sm_buf_release(&more);
}

static void import_all(struct importer *importer)
{
    struct sm_err err = {0};
    importer->name = importer->set.map ? NULL : app_operand(importer->app);
    if (!importer_open(importer, &err)) {
        app_fail(importer->app, &err);
        return;
    }
    bool usable = true;
    if (importer->set.hf)
        usable = import_dataset(importer);
    else
        import_files(importer);
    if (usable && !importer->plain)
        write_run(importer);
    if (usable)
        note_losses(importer);
    importer->app->users = importer->records;
}

int main(int argc, char **argv)
{
    struct app app;
    struct importer importer = {
        .app = &app, .spelled = jv_invalid(), .group = {.key = jv_invalid(), .rows = jv_invalid()}};
    struct sm_err err = {0};
    const struct sm_opt_group groups[] = {{options, &importer.set}, {0}};
    if (app_start(&app, &program, groups, argc, argv)) {
        app.counted = "records";
        if (importer.set.list)
            list_formats(&app);
        else if (importer.set.guess)
            import_guess(&importer);
        else if (!importer.set.show)
            import_all(&importer);
        else if (!print_program(&app, importer.set.show, &err))
            app_fail(&app, &err);
    }
    importer_close(&importer);
    free(importer.set.columns.at);
    free(importer.set.splits.at);
    return app_end(&app);
}
