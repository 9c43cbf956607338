/* Opening the client: from the options, the environment and .env. */
#include "cmd/common/client.h"

#include "cmd/common/credentials.h"
#include "cmd/common/destination.h"
#include "cmd/common/environment.h"
#include "cmd/common/members.h"
#include "cmd/common/recording.h"

#include <errno.h>
#include <math.h>
#include <unistd.h>

/* If no model is named, an endpoint with only one leaves no doubt. */
static bool only_model(struct client *client, const struct sm_llm_config *config,
                       struct sm_err *err)
{
    static const char remedy[] = "name a model with --model or SM_MODEL, e.g. --model "
                                 "openai/gpt-4o-mini, or start a local one with make local-llm";
    struct sm_buf names = {0};
    struct sm_llm_config asking = *config;
    asking.mode = SM_LLM_SEND; /* nothing is asked of a model yet */
    struct sm_llm *llm = sm_llm_open(&asking, NULL, err);
    bool ok = llm && sm_llm_models(llm, &names, err);
    sm_llm_close(llm);
    if (!ok) {
        sm_err_prefix(err, "no model is named");
        sm_err_set(err, SM_EXIT_USAGE, err->remedy ? err->remedy : remedy, "%s", err->message);
    } else if (strchr(names.data, '\n') + 1 != names.data + names.len) {
        struct sm_buf some = {0};
        sm_llm_write_names(names.data, &some);
        ok = sm_err_set(err, SM_EXIT_USAGE, remedy, "no model is named, and %s has several: %s",
                        config->endpoint, some.data);
        sm_buf_release(&some);
    } else {
        names.data[names.len - 1] = '\0';
        client->model = sm_strdup(names.data);
    }
    sm_buf_release(&names);
    return ok;
}

/* When the leader of our process group started, in clock ticks since boot. That tells the group
 * from a later one with the same number. 0 if the system does not say. */
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
    char *at = strrchr(text, ')'); /* behind the name, field 2; the start is field 22 */
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    return at ? strtoll(at, NULL, 10) : 0;
}

static void set_limits(struct client *client, struct sm_limits *limits)
{
    const char *run = env_variable("SM_RUN");
    struct sm_buf name = {0};
    *limits = (struct sm_limits){.rpm = client->set.rpm,
                                 .tpm = client->set.tpm,
                                 .max_calls = client->set.max_calls,
                                 .max_cost = client->set.max_cost};
    if (run) {
        sm_buf_printf(&name, "run %s", run);
    } else {
        char machine[128] = "";
        gethostname(machine, sizeof machine - 1);
        sm_buf_printf(&name, "group %lld of %s", (long long)getpgrp(), machine);
        limits->run_started = group_started();
    }
    client->run = sm_buf_take(&name);
    limits->run = client->run;
}

/* Where nothing is sent no key is needed. */
static bool check_key(const struct client *client, const struct sm_provider *provider,
                      const char *model, enum sm_llm_mode mode, struct sm_err *err)
{
    return mode != SM_LLM_SEND || client->only_writes || sm_provider_has_key(provider, model, err);
}

/* Whether anything goes to the endpoint, if only the question what models it has. */
static bool sends(const struct client *client, enum sm_llm_mode mode, const char *model)
{
    return (mode == SM_LLM_SEND && !client->only_writes) || (!model && mode != SM_LLM_REPLAY);
}

static bool check_temperature(const struct client *client, const struct sm_provider *provider,
                              struct sm_err *err)
{
    if (client->set.temperature <= provider->temperature_max)
        return true;
    return sm_err_set(err, SM_EXIT_USAGE, "give a lower --temperature",
                      "this provider takes temperatures up to %.10g", provider->temperature_max);
}

/* Who answers. False with `err` if the options contradict each other. */
static bool set_mode(const struct client *client, struct sm_llm_config *config, struct sm_err *err)
{
    const struct client_options *set = &client->set;
    if (set->replay + set->dry_run + (set->batch != NULL) > 1)
        return sm_err_set(err, SM_EXIT_USAGE, "give one of them",
                          "--replay, --dry-run and --batch exclude each other");
    if (set->batch && set->no_cache)
        return sm_err_set(err, SM_EXIT_USAGE, "leave out --no-cache",
                          "--batch needs the store: the answers come through it");
    config->batch = set->batch;
    if (set->batch_form && !set->batch)
        return sm_err_set(err, SM_EXIT_USAGE, "give --batch FILE too",
                          "--batch-format is about the lines of --batch");
    if (set->batch_form)
        config->batch_form = sm_batch_form_named(set->batch_form);
    config->mode = set->replay    ? SM_LLM_REPLAY
                   : set->dry_run ? SM_LLM_PLAN
                   : set->batch   ? SM_LLM_BATCH
                                  : SM_LLM_SEND;
    return true;
}

static bool set_price(const struct client *client, const char *model, struct sm_price *price,
                      struct sm_err *err)
{
    if (!sm_price_find(model, client->set.prices, price, err))
        return false;
    if (client->set.max_cost > 0 && isnan(price->in))
        return sm_err_set(err, SM_EXIT_USAGE, "give it with --prices FILE",
                          "--max-cost: the price of %s is not known", model);
    return true;
}

/* `model` is the one that the user names, or NULL. */
static bool choose_model(struct client *client, const char *model, struct sm_llm_config *config,
                         struct sm_err *err)
{
    if (model)
        client->model = sm_strdup(config->model);
    else if (config->mode == SM_LLM_REPLAY)
        return sm_err_set(
            err, SM_EXIT_USAGE,
            "name the model of the recording with --model or SM_MODEL (sm-cache count "
            "lists those of the store)",
            "--replay asks nobody, and no model is named");
    else if (!only_model(client, config, err))
        return false;
    config->model = client->model;
    config->prices = client->set.prices;
    return set_price(client, model ? model : client->model, &config->price, err);
}

static void tell(void *app, const char *text)
{
    app_note(app, "%s", text);
}

static bool open_llm(struct client *client, struct app *app, struct destination *to,
                     struct sm_err *err)
{
    struct sm_provider *provider = &to->provider;
    struct sm_llm_config config = {
        .endpoint = provider->endpoint,
        .url = provider->url,
        .others = to->bases.count > 1 ? to->bases.at + 1 : NULL,
        .other_count = to->bases.count > 1 ? to->bases.count - 1 : 0,
        .whose = to->whose ? to->whose : provider->whose,
        .model = provider->model,
        .price_prefix = provider->prefix,
        .api_key_header = provider->api_key_header,
        .reasoning = provider->reasoning,
        .logprobs_count = provider->logprobs_count,
        .batch_form = provider->batch_form,
        .members = &client->members,
        .jobs = client->set.jobs,
        .pipe = getpgrp() + client->places,
        .max_tokens = client->set.max_tokens,
        .timeout_s = client->set.timeout,
        .proxy = to->proxy,
        .forget = client->forget,
        .interrupted = app_signal(),
        .tell = tell,
        .tell_arg = app,
    };
    env_certificates(&config.ca_file, &config.ca_path);
    set_limits(client, &config.limits);
    client->endpoint = sm_strdup(provider->endpoint);
    if (!check_temperature(client, provider, err) || !set_mode(client, &config, err) ||
        !check_key(client, provider, to->model, config.mode, err) ||
        !destination_check(to, &client->set, sends(client, config.mode, to->model), app, err))
        return false;
    config.key = provider->key;
    config.headers = to->headers.at;
    config.header_count = to->headers.count;
    client->has_key = config.key || config.header_count;
    if (choose_model(client, to->model, &config, err))
        client->llm = sm_llm_open(&config, client->store, err);
    return client->llm != NULL;
}

/* --replay makes no store: if there is none, it finds no answer. */
static struct sm_store *open_store(const struct client_options *set, struct app *app,
                                   struct sm_err *err)
{
    bool missing = !set->no_cache && set->replay && !store_exists(&set->store);
    if (missing)
        app_warn(app, "there is no store, so no answer is recorded; check --cache and SM_CACHE");
    if (set->no_cache || missing)
        return sm_store_open(NULL, SM_STORE_CREATE, NULL, err);
    return store_open(app, &set->store, set->replay ? SM_STORE_READ : SM_STORE_CREATE, err);
}

static bool open_all(struct client *client, struct app *app, struct destination *to,
                     struct sm_err *err)
{
    const struct client_options *set = &client->set;
    if (!members_read(set, &client->members, err))
        return false;
    if (!client->store)
        client->store = open_store(set, app, err);
    if (!client->store)
        return false;
    return destination_find(set, to, err) && open_llm(client, app, to, err);
}

bool client_open(struct client *client, struct app *app, struct sm_err *err)
{
    struct destination to = {0};
    client->default_temperature = client->set.temperature < 0;
    client->set.temperature = fmax(0, client->set.temperature);
    bool ok = open_all(client, app, &to, err);
    if (!client->keeps_keys)
        forget_keys();
    destination_release(&to);
    app_tell_stop(app, client->set.no_cache
                           ? "stopped: with --no-cache no answer was kept"
                           : "stopped: calls in flight end first; what is answered is kept, and "
                             "the same command goes on from there");
    app_catch_signals();
    return ok;
}

bool client_open_prompts(struct client *client, struct sm_err *err)
{
    client->prompts = sm_prompts_open(client->set.prompts, err);
    return client->prompts != NULL;
}

bool client_start(struct client *client, struct app *app)
{
    struct sm_err err = {0};
    if (client_open_prompts(client, &err) && client_open(client, app, &err))
        return true;
    app_fail(app, &err);
    return false;
}

static void say_totals(const struct client *client, struct app *app)
{
    struct sm_llm_totals t = sm_llm_totals(client->llm);
    struct sm_buf more = {0};
    sm_buf_printf(
        &more, ", %lld calls, %lld recorded answers, %lld retries, %lld failed, %lld + %lld tokens",
        (long long)t.calls, (long long)t.hits + (long long)t.shared, (long long)t.retries,
        (long long)t.failed, (long long)t.usage.in, (long long)t.usage.out);
    if (!isnan(t.cost))
        sm_buf_printf(&more, ", %s%.4f US dollars", t.usage.untold ? "at most " : "", t.cost);
    app_tally(app, more.data);
    sm_buf_release(&more);
}

/* What to do about answers that hold none, by what most of them are. */
static const char *way_out(enum sm_status status)
{
    if (status == SM_STATUS_TRUNCATED)
        return "raise --max-tokens";
    if (status == SM_STATUS_REFUSED)
        return "the model or a filter of the endpoint declines: ask another one";
    return "take a model that follows instructions better (sm-llm --check tries one), or read its "
           "replies in your own way (sm-prompts(5))";
}

/* Says in one line how many questions ended without an answer, whatever -q says: nobody should take
 * the ties that come of them for the model's. */
static void say_endings(const struct client *client, struct app *app)
{
    const struct sm_endings *e = &client->endings;
    enum sm_status worst = sm_endings_worst(e);
    struct sm_buf kinds = {0};
    if (worst == SM_STATUS_OK)
        return;
    size_t total = sm_endings_total(e);
    for (enum sm_status s = SM_STATUS_UNPARSED; s < SM_STATUSES; s++) {
        if (e->count[s])
            sm_buf_printf(&kinds, "%s%zu %s", kinds.len ? ", " : "", e->count[s],
                          sm_status_name(s));
    }
    app_warn(app, "%zu of %zu questions ended without an answer%s: %s; %s reply: \"%s\"; %s",
             total - e->count[SM_STATUS_OK], total,
             client->describes ? "" : ", and a verdict without one is a tie", kinds.data,
             worst == SM_STATUS_UNPARSED    ? "an unparsed"
             : worst == SM_STATUS_TRUNCATED ? "a truncated"
                                            : "a refused",
             e->sample[worst], way_out(worst));
    sm_buf_release(&kinds);
}

void client_close(struct client *client, struct app *app)
{
    app_finish(app);
    say_endings(client, app);
    sm_endings_release(&client->endings);
    if (client->llm) {
        recording_note(client, app);
        recording_compare(client, app);
        say_totals(client, app);
    }
    sm_llm_close(client->llm);
    store_close(app, client->store,
                client->set.replay ? "they count as missing" : "they were asked for anew");
    sm_prompts_close(client->prompts);
    jv_free(client->members);
    free(client->set.members.at);
    free(client->set.headers.at);
    free(client->endpoint);
    free(client->model);
    free(client->run);
}
