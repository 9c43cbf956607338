/* Foreign data to records. */
#include "cmd/common/run_record.h"
#include "cmd/import/import.h"

#include "lib/base/near.h"
#include "lib/json/json.h"

#include <stddef.h>

#define FIELD(name) offsetof(struct import_options, name)

static const struct sm_opt options[] = {
    {0, "list", NULL, SM_OPT_FLAG, FIELD(list), 0, 0,
     "List the formats with a line about each, and exit."},
    {0, "show", "FORMAT", SM_OPT_TEXT, FIELD(show), 0, 0,
     "Print the program of FORMAT, to write another after it, and exit."},
    {0, "map", "FILE.jq", SM_OPT_TEXT, FIELD(map), 0, 0,
     "Take the program of FILE.jq instead of a built-in format: then no FORMAT is given."},
    {0, "columns", "TO=FROM,...", SM_OPT_TEXTS, FIELD(columns), 0, 0,
     "Call column FROM of the rows TO, for example context=prompt,chosen=good. May be given several "
     "times."},
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

static bool unknown_format(const char *name, struct sm_err *err)
{
    struct sm_buf names = {0}, meant = {0};
    struct sm_near near = {.word = name, .len = name ? strlen(name) : 0};
    for (size_t i = 0; name && sm_format_name(i); i++)
        sm_near_try(&near, sm_format_name(i));
    if (near.best)
        sm_buf_printf(&meant, ", did you mean %s?", near.best);
    sm_format_names(&names);
    sm_err_set(err, SM_EXIT_USAGE, "sm-import --list tells what each is; --map FILE.jq adds one",
               "%s%s%s; there are: %s", name ? "no format is called " : "no format is named",
               name ? name : "", sm_buf_text(&meant), names.data);
    sm_buf_release(&names);
    sm_buf_release(&meant);
    return false;
}

static bool is_format(const char *name)
{
    for (size_t i = 0; sm_format_name(i); i++) {
        if (strcmp(sm_format_name(i), name) == 0)
            return true;
    }
    return false;
}

static bool print_program(struct app *app, const char *name, struct sm_err *err)
{
    const char *text = sm_format_source(name);
    return text ? app_write(app, text, strlen(text)) : unknown_format(name, err);
}

/* Splits "TO=FROM,TO=FROM" of --columns. */
static bool add_columns(struct importer *importer, const char *text, struct sm_err *err)
{
    while (*text) {
        size_t len = strcspn(text, ","), to = strcspn(text, "=");
        if (to == 0 || to + 1 >= len)
            return sm_err_set(err, SM_EXIT_USAGE,
                              "for example --columns context=prompt,chosen=good",
                              "--columns %.*s: not TO=FROM", (int)len, text);
        importer->columns = sm_grow(importer->columns, importer->column_count,
                                    &importer->column_room, sizeof *importer->columns);
        importer->columns[importer->column_count++] =
            (struct import_column){sm_strndup(text, to), sm_strndup(text + to + 1, len - to - 1)};
        text += len + (text[len] == ',');
    }
    return true;
}

static bool check_options(const struct importer *importer, struct sm_err *err)
{
    const struct import_options *set = &importer->set;
    bool needs_hf = set->config || set->splits.count || set->hf_cache || set->hf_url;
    if (!set->hf && needs_hf)
        return sm_err_set(err, SM_EXIT_USAGE, "name the dataset with --hf NAME",
                          "--config, --split, --pages and --hf-url are about a dataset of --hf");
    if (set->hf && importer->app->file_count > 0)
        return sm_err_set(err, SM_EXIT_USAGE, "give one of them",
                          "--hf and files exclude each other");
    if (set->hf && importer->saved)
        return sm_err_set(err, SM_EXIT_USAGE, "give a folder or a file",
                          "format %s is not one of datasets", importer->name);
    if (importer->saved && (importer->column_count || set->dataset))
        return sm_err_set(err, SM_EXIT_USAGE, "leave them out",
                          "--columns and --dataset are about rows, and format %s has none",
                          importer->name);
    return true;
}

static bool prepare(struct importer *importer, struct sm_err *err)
{
    struct import_options *set = &importer->set;
    importer->name = set->map ? set->map : app_operand(importer->app);
    if (!set->map && (!importer->name || !is_format(importer->name)))
        return unknown_format(importer->name, err);
    for (size_t i = 0; i < set->columns.count; i++) {
        if (!add_columns(importer, set->columns.at[i], err))
            return false;
    }
    importer->plain = !set->map && strcmp(importer->name, "persona-program") == 0;
    importer->saved = importer->plain || (!set->map && strcmp(importer->name, "program") == 0);
    if (!check_options(importer, err))
        return false;
    jv visible = jv_object(); /* to the program, as $options */
    if (set->dataset)
        visible = jv_object_set(visible, jv_string("dataset"), jv_string(set->dataset));
    importer->format = sm_format_open(importer->name, set->map, visible, err);
    return importer->format != NULL;
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
    sm_buf_printf(&extra, ",\"rows\":%zu,\"records\":%zu,\"bad\":%zu,\"dropped\":{", importer->rows,
                  importer->records, importer->bad);
    for (size_t i = 0; i < sm_string_set_count(importer->reasons); i++) {
        sm_buf_str(&extra, i ? "," : "");
        sm_json_cstring(&extra, sm_string_set_text(importer->reasons, i));
        sm_buf_printf(&extra, ":%zu", importer->dropped[i]);
    }
    sm_buf_char(&extra, '}');
    run_record_write(importer->app, extra.data);
    sm_buf_release(&extra);
}

/* The `run` record has the same figures, but few look there. */
static void note_losses(struct importer *importer)
{
    struct sm_buf dropped = {0};
    for (size_t i = 0; i < sm_string_set_count(importer->reasons); i++)
        sm_buf_printf(&dropped, "%s%zu %s", i ? ", " : "; left out: ", importer->dropped[i],
                      sm_string_set_text(importer->reasons, i));
    if (importer->bad || dropped.len)
        app_note(importer->app, "%zu records of %zu rows, %zu problems%s", importer->records,
                 importer->rows, importer->bad, sm_buf_text(&dropped));
    sm_buf_release(&dropped);
}

static void import_all(struct importer *importer)
{
    struct sm_err err = {0};
    if (!prepare(importer, &err)) {
        app_fail(importer->app, &err);
        return;
    }
    importer->groups = sm_string_set_open();
    importer->reasons = sm_string_set_open();
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
    sm_string_set_close(importer->groups);
    sm_string_set_close(importer->reasons);
}

static void release_importer(struct importer *importer)
{
    sm_format_close(importer->format);
    for (size_t i = 0; i < importer->column_count; i++) {
        free(importer->columns[i].to);
        free(importer->columns[i].from);
    }
    free(importer->columns);
    free(importer->group.lines);
    free(importer->dropped);
    free(importer->set.columns.at);
    free(importer->set.splits.at);
}

int main(int argc, char **argv)
{
    struct app app;
    struct importer importer = {.app = &app, .group = {.key = jv_invalid(), .rows = jv_invalid()}};
    struct sm_err err = {0};
    const struct sm_opt_group groups[] = {{options, &importer.set}, {0}};
    if (app_start(&app, &program, groups, argc, argv)) {
        app.counted = "records";
        if (importer.set.list)
            list_formats(&app);
        else if (!importer.set.show)
            import_all(&importer);
        else if (!print_program(&app, importer.set.show, &err))
            app_fail(&app, &err);
    }
    release_importer(&importer);
    return app_end(&app);
}
