/* The rows of a dataset on the Hugging Face datasets server. */
#include "cmd/import/import.h"

#include "cmd/common/environment.h"
#include "cmd/common/listener.h"
#include "cmd/common/proxy.h"
#include "lib/data/hf_cache.h"
#include "lib/data/hf_client.h"
#include "lib/json/json.h"

#include <errno.h>
#include <time.h>

#define NOTED_WAIT_S 1.0 /* shorter waits are not worth a word */

struct hf_dataset {
    struct importer *importer;
    struct sm_hf_client *client;
    char *folder;       /* where it is cached */
    const char *config; /* borrowed from the options, or from `splits` */
    jv splits;          /* invalid: not asked for yet */
};

static void wait_for(void *arg, double seconds, const char *why)
{
    struct importer *importer = arg;
    if (seconds >= NOTED_WAIT_S)
        app_note(importer->app, "waiting %.0f s: %s", seconds, why);
    struct timespec left = {.tv_sec = (time_t)seconds};
    left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
}

/* Over http:// a token goes to a server of one's own, or of root, on this machine, through no
 * proxy. (That it goes to this machine is what the client sees to.) */
static bool check_way(const struct sm_hf_config *config, struct sm_err *err)
{
    struct sm_url url = {0};
    uid_t owner;
    bool plain = config->token && sm_url_read(config->url, &url) && !url.tls, ok = true;
    char *proxy = plain ? proxy_in_force(config->url) : NULL;
    if (proxy)
        ok = sm_err_set(err, SM_EXIT_USAGE, "name the host in no_proxy, or unset HF_TOKEN",
                        "the token would go unencrypted to the proxy of %s", proxy);
    else if (plain && listener_is_foreign(&url, &owner))
        ok = sm_err_set(err, SM_EXIT_USAGE, "unset HF_TOKEN if that server shall be asked",
                        "the token would go to %s, where a program of user %lu listens",
                        config->url, (unsigned long)owner);
    sm_url_release(&url);
    free(proxy);
    return ok;
}

static bool open_dataset(struct hf_dataset *dataset, struct sm_err *err)
{
    const struct import_options *set = &dataset->importer->set;
    struct sm_hf_config config = {.url = set->hf_url ? set->hf_url : env_variable("SM_HF_URL"),
                                  .token = env_variable("HF_TOKEN"),
                                  .wait = wait_for,
                                  .arg = dataset->importer};
    env_certificates(&config.ca_file, &config.ca_path);
    config.url = config.url ? config.url : SM_HF_URL;
    dataset->folder = set->hf_cache ? sm_strdup(set->hf_cache) : env_cache_path("pages");
    if (!dataset->folder)
        return sm_err_set(
            err, SM_EXIT_USAGE, "name a folder with --pages",
            "there is no place for the pages: neither HOME nor XDG_CACHE_HOME is set");
    dataset->client = check_way(&config, err) ? sm_hf_open(&config, err) : NULL;
    env_forget("HF_TOKEN");
    return dataset->client != NULL;
}

static bool ask_splits(struct hf_dataset *dataset, struct sm_err *err)
{
    if (jv_is_valid(dataset->splits))
        return true;
    jv_free(dataset->splits);
    dataset->splits =
        sm_hf_splits(dataset->client, dataset->importer->set.hf, dataset->folder, err);
    return jv_is_valid(dataset->splits);
}

static int split_count(const struct hf_dataset *dataset)
{
    return jv_is_valid(dataset->splits) ? jv_array_length(jv_copy(dataset->splits)) : 0;
}

/* A member of the i-th split, borrowed. */
static const char *split_text(const struct hf_dataset *dataset, int i, const char *member)
{
    jv split = jv_array_get(jv_copy(dataset->splits), i);
    const char *text = sm_json_text(split, member, NULL);
    jv_free(split); /* the list holds it too */
    return text;
}

/* Lists the distinct values of a member of the splits, only of those of `config` unless it is NULL.
 * Returns how many there are. */
static size_t write_distinct(const struct hf_dataset *dataset, const char *member,
                             const char *config, struct sm_buf *out)
{
    struct sm_string_set *distinct = sm_string_set_open();
    for (int i = 0; i < split_count(dataset); i++) {
        bool known;
        if (!config || strcmp(split_text(dataset, i, "config"), config) == 0)
            sm_string_set_add(distinct, split_text(dataset, i, member), &known);
    }
    size_t count = sm_string_set_count(distinct);
    for (size_t i = 0; i < count; i++)
        sm_buf_printf(out, "%s%s", i ? ", " : "", sm_string_set_text(distinct, i));
    sm_string_set_close(distinct);
    return count;
}

static bool choose_config(struct hf_dataset *dataset, struct sm_err *err)
{
    struct sm_buf all = {0};
    dataset->config = dataset->importer->set.config;
    if (dataset->config)
        return true;
    if (!ask_splits(dataset, err))
        return false;
    size_t count = write_distinct(dataset, "config", NULL, &all);
    for (int i = 0; i < split_count(dataset); i++) {
        const char *config = split_text(dataset, i, "config");
        if (count == 1 || strcmp(config, "default") == 0)
            dataset->config = config;
    }
    if (!dataset->config)
        sm_err_set(err, SM_EXIT_USAGE, "name one with --config", "%s has several configs: %s",
                   dataset->importer->set.hf, all.data);
    sm_buf_release(&all);
    return dataset->config != NULL;
}

static void read_split(struct hf_dataset *dataset, const char *split, struct sm_err *err)
{
    struct importer *importer = dataset->importer;
    struct sm_buf name = {0};
    struct sm_hf_rows of = {importer->set.hf, dataset->config, split};
    struct sm_hf_cache *cache = sm_hf_cache_open(dataset->client, &of, dataset->folder, err);
    const char *called = importer->set.dataset ? importer->set.dataset : of.dataset;
    struct sm_format *format = cache ? importer_format(importer, called, split, err) : NULL;
    struct sm_rows *rows = NULL;
    if (format) {
        sm_format_close(importer->format);
        importer->format = format;
        rows = sm_rows_open(sm_hf_cache_path(cache), SM_ROWS_JSON, sm_hf_cache_more, cache, err);
    }
    if (rows) {
        sm_buf_printf(&name, "%s %s", importer->set.hf, split);
        importer->source = name.data;
        importer->unit = " row ";
        import_rows(importer, rows);
        if (sm_hf_cache_partial(cache))
            app_warn(importer->app, "%s: the server has the first part of this split alone",
                     name.data);
    }
    sm_rows_close(rows);
    sm_hf_cache_close(cache);
    sm_buf_release(&name);
}

static bool is_there(const struct hf_dataset *dataset, const char *split)
{
    for (int i = 0; i < split_count(dataset); i++) {
        if (strcmp(split_text(dataset, i, "config"), dataset->config) == 0 &&
            strcmp(split_text(dataset, i, "split"), split) == 0)
            return true;
    }
    return false;
}

static void read_named(struct hf_dataset *dataset, struct sm_err *err)
{
    const struct sm_string_list *splits = &dataset->importer->set.splits;
    for (size_t i = 0; i < splits->count && !err->message; i++) {
        if (jv_is_valid(dataset->splits) && !is_there(dataset, splits->at[i])) {
            struct sm_buf all = {0};
            write_distinct(dataset, "split", dataset->config, &all);
            sm_err_set(err, SM_EXIT_USAGE, "name one of them with --split",
                       "%s has no split %s in config %s; it has: %s", dataset->importer->set.hf,
                       splits->at[i], dataset->config, sm_buf_text(&all));
            sm_buf_release(&all);
        } else {
            read_split(dataset, splits->at[i], err);
        }
    }
}

static void read_all(struct hf_dataset *dataset, struct sm_err *err)
{
    if (!ask_splits(dataset, err))
        return;
    for (int i = 0; i < split_count(dataset) && !err->message; i++) {
        if (strcmp(split_text(dataset, i, "config"), dataset->config) == 0)
            read_split(dataset, split_text(dataset, i, "split"), err);
    }
}

bool import_dataset(struct importer *importer)
{
    struct sm_err err = {0};
    struct hf_dataset dataset = {.importer = importer, .splits = jv_invalid()};
    if (open_dataset(&dataset, &err) && choose_config(&dataset, &err)) {
        if (importer->set.splits.count)
            read_named(&dataset, &err);
        else
            read_all(&dataset, &err);
    }
    bool usable = err.code != SM_EXIT_USAGE;
    if (err.message)
        app_fail(importer->app, &err);
    jv_free(dataset.splits);
    sm_hf_close(dataset.client);
    free(dataset.folder);
    return usable;
}
