/* The store of recorded answers, listed, exported and imported as JSON Lines, and pruned. */
#include "cmd/cache/cache.h"

#include "lib/base/clock.h"
#include "lib/store/schema.h"

#include <math.h>
#include <stddef.h>

#define SECONDS_OF_A_DAY 86400.0

static const struct sm_opt options[] = {
    {0, "older", "DAYS", SM_OPT_REAL, offsetof(struct cache_options, older), 0, 1e6,
     "For prune: answers that were recorded at least DAYS days ago."},
    {0, "model", "NAME", SM_OPT_TEXT, offsetof(struct cache_options, model), 0, 0,
     "For prune and forget: what is of this model, as list shows it."},
    {0, "endpoint", "URL", SM_OPT_TEXT, offsetof(struct cache_options, endpoint), 0, 0,
     "For forget: what is known of this endpoint, as list shows it."},
    {0, "max-size", "BYTES", SM_OPT_INT, offsetof(struct cache_options, max_bytes), 0, 9e15,
     "For prune: the oldest answers, until the texts of all together have at most BYTES bytes."},
    SM_OPT_END};

static void prune_some(struct cache *cache)
{
    const struct cache_options *set = &cache->set;
    struct sm_err err = {0};
    struct sm_prune what = {
        .before = sm_clock_unix_s(&sm_system_clock) + 1 -
                  (int64_t)(fmax(set->older, 0) * SECONDS_OF_A_DAY),
        .model = set->model,
        .max_bytes = set->max_bytes,
    };
    int64_t count;
    if (set->older < 0 && !set->model && set->max_bytes < 0)
        sm_err_set(
            &err, SM_EXIT_USAGE,
            "give --older DAYS, --model NAME, --max-size BYTES, or several of them; --older 0 "
            "is all",
            "say which answers to forget");
    else if (sm_store_prune(cache->store, &what, &count, &err))
        app_note(cache->app, "%lld answers forgotten", (long long)count);
    if (err.message)
        app_fail(cache->app, &err);
}

/* Takes back what was learned of an endpoint. */
static void forget_some(struct cache *cache)
{
    struct sm_err err = {0};
    int64_t count;
    char *endpoint = cache->set.endpoint ? sm_strdup(cache->set.endpoint) : NULL;
    size_t len = endpoint ? strlen(endpoint) : 0;
    while (len && endpoint[len - 1] == '/')
        endpoint[--len] = '\0';
    if (!endpoint)
        sm_err_set(&err, SM_EXIT_USAGE, "give --endpoint URL, as sm-cache list shows it",
                   "say what to forget");
    else if (sm_store_forget(cache->store, endpoint, cache->set.model, &count, &err) && count == 0)
        sm_err_set(&err, SM_EXIT_PARTIAL, "see sm-cache list for what is known of which",
                   "nothing is known of %s%s%s", endpoint, cache->set.model ? " and " : "",
                   cache->set.model ? cache->set.model : "");
    else if (!err.message)
        app_note(cache->app, "%lld facts forgotten", (long long)count);
    free(endpoint);
    if (err.message)
        app_fail(cache->app, &err);
}

/* The tables of a store on a server, for who may make them. Opens no store. */
static void write_schema(struct cache *cache)
{
    app_write(cache->app, sm_postgres_schema, strlen(sm_postgres_schema));
}

/* What it can do, and how that opens the store. */
struct verb {
    const char *name;
    enum sm_store_use use;
    bool files; /* takes files */
    void (*work)(struct cache *cache);
};

/* Takes the verb off the operands, which leaves files. NULL with `err` if there is no such verb, or
 * it takes none. */
static const struct verb *take_verb(struct app *app, struct sm_err *err)
{
    static const struct verb verbs[] = {
        {"list", SM_STORE_READ, false, cache_list},
        {"count", SM_STORE_READ, false, cache_count},
        {"export", SM_STORE_READ, false, cache_export},
        {"import", SM_STORE_CREATE, true, cache_import},
        {"prune", SM_STORE_CHANGE, false, prune_some},
        {"forget", SM_STORE_CHANGE, false, forget_some},
        {"schema", SM_STORE_READ, false, write_schema},
    };
    const char *name = app_operand(app);
    for (size_t i = 0; name && i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(name, verbs[i].name) == 0 && (verbs[i].files || app->file_count == 0))
            return &verbs[i];
    }
    sm_err_set(err, SM_EXIT_USAGE, "see --help",
               "give one of list, count, export, import [FILE ...], prune, forget, schema");
    return NULL;
}

static bool run_verb(struct cache *cache, const struct verb *verb, struct sm_err *err)
{
    if (verb->work == write_schema) {
        verb->work(cache);
        return true;
    }
    cache->store = store_open(cache->app, &cache->store_set, verb->use, err);
    if (!cache->store)
        return false;
    verb->work(cache);
    if (sm_store_spoiled(cache->store))
        app_raise(cache->app, SM_EXIT_PARTIAL);
    store_close(cache->app, cache->store, "they are left out");
    return true;
}

int main(int argc, char **argv)
{
    static const struct sm_program program = {
        .name = "sm-cache",
        .summary = "list, count, export, import and forget recorded answers",
        .operands = "list | count | export | import | prune | forget | schema [FILE ...]",
        .about =
            "list prints an `answer` line for each recorded answer without its text, export with "
            "it; import\nreads what export wrote, or the answers of a batch. What is known of "
            "endpoints comes first, as\n`endpoint` lines. count says how many there are of each "
            "model; prune forgets answers by age,\nmodel or size; forget takes back what was "
            "learned of an endpoint.",
    };
    struct app app;
    struct cache cache = {.app = &app, .set = {.older = -1, .max_bytes = -1}};
    const struct sm_opt_group groups[] = {
        {options, &cache.set}, {store_opts, &cache.store_set}, {0}};
    struct sm_err err = {0};
    if (app_start(&app, &program, groups, argc, argv)) {
        const struct verb *verb = take_verb(&app, &err);
        if (!verb || !run_verb(&cache, verb, &err))
            app_fail(&app, &err);
    }
    for (int i = 0; i < SM_BATCH_FORMS; i++)
        sm_batch_turner_close(cache.turners[i]);
    sm_buf_release(&cache.response);
    return app_end(&app);
}
