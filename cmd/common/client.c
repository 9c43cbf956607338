/* Opening the store and the client: from the options, the environment and .env. */
#include "cmd/common/app.h"

#include "lib/llm/provider.h"

#include <errno.h>
#include <math.h>
#include <unistd.h>

/* The assignments of .env, as "NAME=value" strings. */
struct env {
    char **at;
    size_t count, room;
};

static void add_assignment(struct env *env, char *line)
{
    line += strspn(line, " \t");
    if (strncmp(line, "export ", 7) == 0)
        line += 7;
    char *equals = strchr(line, '=');
    if (*line == '#' || !equals)
        return;
    char *name_end = equals;
    while (name_end > line && strchr(" \t", name_end[-1]))
        name_end--;
    char *value = equals + 1 + strspn(equals + 1, " \t");
    size_t len = strcspn(value, "\r\n");
    while (len && strchr(" \t", value[len - 1]))
        len--;
    if (len >= 2 && (*value == '"' || *value == '\'') && value[len - 1] == *value) {
        value++;
        len -= 2;
    }
    struct sm_buf text = {0};
    sm_buf_printf(&text, "%.*s=%.*s", (int)(name_end - line), line, (int)len, value);
    env->at = sm_grow(env->at, env->count, &env->room, sizeof *env->at);
    env->at[env->count++] = sm_buf_take(&text);
}

static void read_env_file(struct env *env)
{
    FILE *file = fopen(".env", "re");
    if (!file)
        return;
    char line[4096];
    while (fgets(line, sizeof line, file))
        add_assignment(env, line);
    fclose(file);
}

static void free_env(struct env *env)
{
    for (size_t i = 0; i < env->count; i++)
        free(env->at[i]);
    free(env->at);
}

/* A variable of the environment, else of .env; an empty one counts as unset. */
static const char *look_up(void *arg, const char *name)
{
    const struct env *env = arg;
    const char *value = app_variable(name);
    size_t len = strlen(name);
    for (size_t i = 0; (!value || !*value) && i < env->count; i++) {
        if (strncmp(env->at[i], name, len) == 0 && env->at[i][len] == '=')
            value = env->at[i] + len + 1;
    }
    return value && *value ? value : NULL;
}

static bool add_headers(struct sm_texts *lines, const char *name, struct sm_err *err)
{
    if (name[0] != '@')
        return sm_err_set(err, SM_EXIT_USAGE,
                          "write the header into a file and give --header @FILE",
                          "a header on the command line can be seen by every user of the machine");
    FILE *file = fopen(name + 1, "re");
    if (!file)
        return sm_err_set(err, SM_EXIT_INPUT, NULL, "%s: %s", name + 1, strerror(errno));
    char line[8192];
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (!*line)
            continue;
        lines->at = sm_grow(lines->at, lines->count, &lines->room, sizeof *lines->at);
        lines->at[lines->count++] = sm_strdup(line);
    }
    fclose(file);
    return true;
}

static void free_headers(struct sm_texts *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free((char *)lines->at[i]);
    free(lines->at);
}

char *app_cache_path(const char *name)
{
    struct sm_buf path = {0};
    const char *base = app_variable("XDG_CACHE_HOME");
    sm_buf_printf(&path, "%s/synthesizeme/%s", base ? base : "./.cache", name);
    return sm_buf_take(&path);
}

static char *store_path(const struct app *app)
{
    const char *name = app->set.cache ? app->set.cache : app_variable("SM_CACHE");
    return name && *name ? sm_strdup(name) : app_cache_path("store.db");
}

static bool open_store(struct app *app, struct sm_err *err)
{
    char *path = app->set.no_cache ? NULL : store_path(app);
    app->store = sm_store_open(path, app->store_use, NULL, err);
    free(path);
    if (app->store && sm_store_notice(app->store))
        app_warn(app, "%s; a new one is begun", sm_store_notice(app->store));
    return app->store != NULL;
}

/* With no model named, an endpoint that has just one leaves no doubt. */
static bool only_model(struct app *app, const struct sm_llm_config *config, struct sm_err *err)
{
    static const char remedy[] = "name a model with --model or SM_MODEL, e.g. --model "
                                 "openai/gpt-4o-mini, or start a local one with make local-llm";
    struct sm_buf names = {0};
    struct sm_llm *llm = sm_llm_open(config, NULL, err);
    bool ok = llm && sm_llm_models(llm, &names, err);
    sm_llm_close(llm);
    if (!ok) {
        sm_err_prefix(err, "no model is named");
        sm_err_set(err, SM_EXIT_USAGE, remedy, "%s", err->message);
    } else if (strchr(names.data, '\n') + 1 != names.data + names.len) {
        ok = sm_err_set(err, SM_EXIT_USAGE, remedy, "no model is named, and %s has several",
                        config->endpoint);
    } else {
        names.data[names.len - 1] = '\0';
        app->model = sm_strdup(names.data);
    }
    sm_buf_release(&names);
    return ok;
}

/* When the leader of our process group began, in clock ticks since the machine did: tells the group
 * from a later one of the same number. 0 where the system does not say. */
static int64_t group_started(void)
{
    char path[64], text[1024] = "";
    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)getpgrp());
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';
    char *at = strrchr(text, ')'); /* of the name, the second field; the time is the 22nd */
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    return at ? strtoll(at, NULL, 10) : 0;
}

static void set_limits(struct app *app, struct sm_limits *limits)
{
    const char *run = app_variable("SM_RUN");
    struct sm_buf name = {0};
    *limits = (struct sm_limits){.rpm = app->set.rpm,
                                 .tpm = app->set.tpm,
                                 .max_calls = app->set.max_calls,
                                 .max_cost = app->set.max_cost};
    if (run) {
        sm_buf_printf(&name, "run %s", run);
    } else {
        sm_buf_printf(&name, "group %lld", (long long)getpgrp());
        limits->run_started = group_started();
    }
    app->run = sm_buf_take(&name);
    limits->run = app->run;
}

/* In curl's order. */
void app_certificates(const char **file, const char **path)
{
    *file = app_variable("CURL_CA_BUNDLE");
    *path = *file ? NULL : app_variable("SSL_CERT_DIR");
    if (!*file)
        *file = app_variable("SSL_CERT_FILE");
}

static bool check_temperature(const struct app *app, const struct sm_provider *provider,
                              struct sm_err *err)
{
    if (app->set.temperature <= provider->temperature_max)
        return true;
    return sm_err_set(err, SM_EXIT_USAGE, "give a lower --temperature",
                      "this provider takes temperatures up to %.10g", provider->temperature_max);
}

/* Where answers come from; false: the options contradict each other. */
static bool set_mode(const struct app *app, struct sm_llm_config *config, struct sm_err *err)
{
    const struct app_settings *set = &app->set;
    if (set->replay + set->dry_run + (set->batch != NULL) > 1)
        return sm_err_set(err, SM_EXIT_USAGE, "give one of them",
                          "--replay, --dry-run and --batch exclude each other");
    if (set->batch && set->no_cache)
        return sm_err_set(err, SM_EXIT_USAGE, "leave out --no-cache",
                          "--batch needs the store: the answers come through it");
    config->batch = set->batch;
    config->mode = set->replay    ? SM_LLM_REPLAY
                   : set->dry_run ? SM_LLM_PLAN
                   : set->batch   ? SM_LLM_BATCH
                                  : SM_LLM_SEND;
    return true;
}

static bool set_price(const struct app *app, const char *model, struct sm_price *price,
                      struct sm_err *err)
{
    if (!sm_price_find(model, app->set.prices, price, err))
        return false;
    if (app->set.max_cost > 0 && isnan(price->in))
        return sm_err_set(err, SM_EXIT_USAGE, "give it with --prices FILE",
                          "--max-cost: the price of %s is not known", model);
    return true;
}

/* The model as the user names it: NULL if nobody does. */
static bool choose_model(struct app *app, const char *model, struct sm_llm_config *config,
                         struct sm_err *err)
{
    if (model)
        app->model = sm_strdup(config->model);
    else if (config->mode == SM_LLM_REPLAY)
        return sm_err_set(
            err, SM_EXIT_USAGE,
            "name the model of the recording with --model or SM_MODEL (sm-cache count "
            "lists those of the store)",
            "--replay asks nobody, and no model is named");
    else if (!only_model(app, config, err))
        return false;
    config->model = app->model;
    return set_price(app, model ? model : app->model, &config->price, err);
}

static bool open_llm(struct app *app, struct env *env, const struct sm_texts *headers,
                     struct sm_err *err)
{
    const char *model = app->set.model ? app->set.model : look_up(env, "SM_MODEL");
    const char *base = app->set.base_url ? app->set.base_url : look_up(env, "SM_BASE_URL");
    struct sm_provider provider;
    if (!sm_provider_find(model ? model : "", base, look_up, env, &provider, err))
        return false;
    struct sm_llm_config config = {
        .endpoint = provider.endpoint,
        .url = provider.url,
        .model = provider.model,
        .key = provider.key,
        .api_key_header = provider.api_key_header,
        .reasoning = provider.reasoning,
        .logprobs_count = provider.logprobs_count,
        .headers = headers->at,
        .header_count = headers->count,
        .jobs = app->set.jobs,
        .max_tokens = app->set.max_tokens,
        .timeout_s = app->set.timeout,
        .forget = app->forget,
    };
    app_certificates(&config.ca_file, &config.ca_path);
    set_limits(app, &config.limits);
    app->endpoint = sm_strdup(provider.endpoint);
    app->has_key = provider.key || headers->count;
    if (check_temperature(app, &provider, err) && set_mode(app, &config, err) &&
        choose_model(app, model, &config, err))
        app->llm = sm_llm_open(&config, app->store, err);
    sm_provider_release(&provider);
    return app->llm != NULL;
}

/* Programs that are run from here on, prompt programs among them, need no key. */
static void forget_keys(void)
{
    for (size_t i = 0; sm_provider_keys[i]; i++)
        unsetenv(sm_provider_keys[i]);
}

bool app_open_client(struct app *app, struct sm_err *err)
{
    struct env env = {0};
    struct sm_texts headers = {0};
    bool ok = open_store(app, err);
    if (ok && (app->needs & APP_MODEL)) {
        read_env_file(&env);
        for (size_t i = 0; ok && i < app->set.headers.count; i++)
            ok = add_headers(&headers, app->set.headers.at[i], err);
        ok = ok && open_llm(app, &env, &headers, err);
        forget_keys();
    }
    free_env(&env);
    free_headers(&headers);
    return ok;
}
