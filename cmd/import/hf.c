/* The rows of a dataset on the Hugging Face datasets server. */
#include "cmd/import/import.h"

#include "cmd/common/environment.h"
#include "lib/data/hf_cache.h"
#include "lib/data/hf_client.h"
#include "lib/json/json.h"

#include <errno.h>
#include <time.h>

#define SAID_S 1.0 /* shorter waits are not worth a word */

struct source {
    struct importer *importer;
    struct sm_hf_client *hub;
    char *folder;
    const char *config; /* borrowed from the settings, or from `splits` */
    jv splits;          /* invalid: not asked for */
};

static void wait_for(void *arg, double seconds, const char *why)
{
    struct importer *importer = arg;
    if (seconds >= SAID_S)
        app_note(importer->app, "waiting %.0f s: %s", seconds, why);
    struct timespec left = {.tv_sec = (time_t)seconds};
    left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
}

static bool open_source(struct source *source, struct sm_err *err)
{
    const struct import_options *set = &source->importer->set;
    struct sm_hf_config config = {.url = set->hf_url ? set->hf_url : env_variable("SM_HF_URL"),
                                  .token = env_variable("HF_TOKEN"),
                                  .wait = wait_for,
                                  .arg = source->importer};
    env_certificates(&config.ca_file, &config.ca_path);
    config.url = config.url ? config.url : SM_HF_URL;
    source->folder = set->pages ? sm_strdup(set->pages) : env_cache_path("pages");
    source->hub = sm_hf_open(&config, err);
    unsetenv("HF_TOKEN"); /* nobody after this needs it */
    return source->hub != NULL;
}

static bool ask_splits(struct source *source, struct sm_err *err)
{
    if (jv_is_valid(source->splits))
        return true;
    jv_free(source->splits);
    source->splits = sm_hf_splits(source->hub, source->importer->set.hf, source->folder, err);
    return jv_is_valid(source->splits);
}

static int split_count(const struct source *source)
{
    return jv_is_valid(source->splits) ? jv_array_length(jv_copy(source->splits)) : 0;
}

/* A member of the i-th of the dataset's splits; borrowed from them. */
static const char *split_text(const struct source *source, int i, const char *member)
{
    jv split = jv_array_get(jv_copy(source->splits), i);
    const char *text = sm_json_text(split, member, NULL);
    jv_free(split); /* the list still holds it */
    return text;
}

/* Each once, ", " between them; those of `config` where it is not NULL. */
static size_t write_texts(const struct source *source, const char *member, const char *config,
                          struct sm_buf *out)
{
    struct sm_string_set *names = sm_string_set_open();
    for (int i = 0; i < split_count(source); i++) {
        bool known, of = !config || strcmp(split_text(source, i, "config"), config) == 0;
        if (of)
            sm_string_set_add(names, split_text(source, i, member), &known);
    }
    size_t count = sm_string_set_count(names);
    for (size_t i = 0; i < count; i++)
        sm_buf_printf(out, "%s%s", i ? ", " : "", sm_string_set_text(names, i));
    sm_string_set_close(names);
    return count;
}

static bool choose_config(struct source *source, struct sm_err *err)
{
    struct sm_buf all = {0};
    source->config = source->importer->set.config;
    if (source->config)
        return true;
    if (!ask_splits(source, err))
        return false;
    size_t count = write_texts(source, "config", NULL, &all);
    for (int i = 0; i < split_count(source); i++) {
        const char *config = split_text(source, i, "config");
        if (count == 1 || strcmp(config, "default") == 0)
            source->config = config;
    }
    if (!source->config)
        sm_err_set(err, SM_EXIT_USAGE, "name one with --config", "%s has several configs: %s",
                   source->importer->set.hf, all.data);
    sm_buf_release(&all);
    return source->config != NULL;
}

/* The name of the split for the program of the format. */
static struct sm_format *open_format(const struct importer *importer, const char *split,
                                     struct sm_err *err)
{
    const char *dataset = importer->set.dataset ? importer->set.dataset : importer->set.hf;
    jv options = jv_object_set(jv_object(), jv_string("dataset"), jv_string(dataset));
    options = jv_object_set(options, jv_string("split"), jv_string(split));
    return sm_format_open(importer->name, importer->set.map, options, err);
}

static void read_split(struct source *source, const char *split, struct sm_err *err)
{
    struct importer *importer = source->importer;
    struct sm_buf name = {0};
    struct sm_hf_rows of = {importer->set.hf, source->config, split};
    struct sm_hf_cache *pages = sm_hf_cache_open(source->hub, &of, source->folder, err);
    struct sm_format *format = pages ? open_format(importer, split, err) : NULL;
    struct sm_rows *rows = NULL;
    if (format) {
        sm_format_close(importer->format);
        importer->format = format;
        rows = sm_rows_open(sm_hf_cache_path(pages), SM_ROWS_JSON, sm_hf_cache_more, pages, err);
    }
    if (rows) {
        sm_buf_printf(&name, "%s %s", importer->set.hf, split);
        importer->source = name.data;
        importer->unit = " row ";
        import_rows(importer, rows);
        if (sm_hf_cache_partial(pages))
            app_warn(importer->app, "%s: the server has the first part of this split alone",
                     name.data);
    }
    sm_rows_close(rows);
    sm_hf_cache_close(pages);
    sm_buf_release(&name);
}

static bool is_there(const struct source *source, const char *split)
{
    for (int i = 0; i < split_count(source); i++) {
        if (strcmp(split_text(source, i, "config"), source->config) == 0 &&
            strcmp(split_text(source, i, "split"), split) == 0)
            return true;
    }
    return false;
}

static void read_named(struct source *source, struct sm_err *err)
{
    const struct sm_texts *splits = &source->importer->set.splits;
    for (size_t i = 0; i < splits->count && !err->message; i++) {
        if (jv_is_valid(source->splits) && !is_there(source, splits->at[i])) {
            struct sm_buf all = {0};
            write_texts(source, "split", source->config, &all);
            sm_err_set(err, SM_EXIT_USAGE, "name one of them with --split",
                       "%s has no split %s in config %s; it has: %s", source->importer->set.hf,
                       splits->at[i], source->config, sm_buf_text(&all));
            sm_buf_release(&all);
        } else {
            read_split(source, splits->at[i], err);
        }
    }
}

static void read_all(struct source *source, struct sm_err *err)
{
    if (!ask_splits(source, err))
        return;
    for (int i = 0; i < split_count(source) && !err->message; i++) {
        if (strcmp(split_text(source, i, "config"), source->config) == 0)
            read_split(source, split_text(source, i, "split"), err);
    }
}

bool import_hub(struct importer *importer)
{
    struct sm_err err = {0};
    struct source source = {.importer = importer, .splits = jv_invalid()};
    if (open_source(&source, &err) && choose_config(&source, &err)) {
        if (importer->set.splits.count)
            read_named(&source, &err);
        else
            read_all(&source, &err);
    }
    bool usable = err.code != SM_EXIT_USAGE;
    if (err.message)
        app_fail(importer->app, &err);
    jv_free(source.splits);
    sm_hf_close(source.hub);
    free(source.folder);
    return usable;
}
