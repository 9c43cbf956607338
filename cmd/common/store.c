#include "cmd/common/store.h"

#include "cmd/common/environment.h"
#include "lib/base/folder.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

const struct sm_opt store_opts[] = {
    {0, "cache", "FILE|URL", SM_OPT_TEXT, offsetof(struct store_options, cache), 0, 0,
     "The store of recorded answers: a file, or postgresql://HOST/DATABASE. Default: SM_CACHE, else synthesizeme/store.db below XDG_CACHE_HOME or ~/.cache."},
    SM_OPT_END};

/* For the caller to free; NULL if there is no place for it. */
static char *store_path(const struct store_options *set)
{
    const char *name = set->cache ? set->cache : env_variable("SM_CACHE");
    return name && *name ? sm_strdup(name) : env_cache_path("store.db");
}

bool store_exists(const struct store_options *set)
{
    char *path = store_path(set);
    bool exists = !path || sm_store_is_shared(path) || access(path, F_OK) == 0 || errno != ENOENT;
    free(path);
    return exists;
}

/* A file for the places of pipes, in a folder of one's own on this machine. NULL: there is none. */
static char *places_path(void)
{
    struct sm_buf path = {0};
    char *folder = sm_folder_of_user(env_variable("XDG_RUNTIME_DIR"), env_temp_folder());
    if (!folder)
        return NULL;
    sm_buf_printf(&path, "%s/synthesizeme-places", folder);
    free(folder);
    return sm_buf_take(&path);
}

/* What a store on a server keeps on this machine. The paths live as long as the program. */
static void share(struct sm_store *store)
{
    static char *places, *spill;
    const char *patience = env_variable("SM_STORE_PATIENCE");
    if (!places)
        places = places_path();
    if (!spill)
        spill = env_cache_path("unsent.db");
    struct sm_store_shared shared = {places, spill, patience ? strtod(patience, NULL) : 0};
    sm_store_share(store, &shared);
}

struct sm_store *store_open(struct app *app, const struct store_options *set, enum sm_store_use use,
                            struct sm_err *err)
{
    char *path = store_path(set);
    if (!path) {
        sm_err_set(err, SM_EXIT_USAGE, "name a file with --cache or SM_CACHE",
                   "there is no place for the store: neither HOME nor XDG_CACHE_HOME is set");
        return NULL;
    }
    struct sm_store *store = sm_store_open(path, use, NULL, err);
    if (store && sm_store_is_shared(path))
        share(store);
    free(path);
    if (store && sm_store_notice(store))
        app_warn(app, "%s", sm_store_notice(store));
    return store;
}

void store_close(struct app *app, struct sm_store *store, const char *instead)
{
    struct sm_err err = {0};
    size_t spoiled = store ? sm_store_spoiled(store) : 0;
    if (spoiled)
        app_warn(
            app,
            "store %s: answers that are not what was recorded: %zu; its file is damaged, or was "
            "edited; %s",
            sm_store_path(store), spoiled, instead);
    if (!sm_store_close(store, &err))
        app_fail(app, &err);
}
