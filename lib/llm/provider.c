#include "lib/llm/provider.h"

#include "lib/base/mem.h"
#include "lib/io/url.h"

#define TEMPERATURE_MAX 2

#define OWN_KEY "SM_API_KEY" /* of an endpoint without a known prefix */

static const struct known {
    const char *prefix, *name, *base;
    const char *keys[2]; /* the first that is set counts; messages name the first */
    bool logprobs_count;
    enum sm_batch_form batch_form;
    double temperature_max; /* 0: TEMPERATURE_MAX */
} known_providers[] = {
    {.prefix = "openai/",
     .name = "openai",
     .base = "https://api.openai.com/v1",
     .keys = {"OPENAI_API_KEY"}},
    {.prefix = "together/",
     .name = "together",
     .base = "https://api.together.ai/v1",
     .keys = {"TOGETHERAI_API_KEY", "TOGETHER_API_KEY"},
     .logprobs_count = true},
    {.prefix = "gemini/",
     .name = "gemini",
     .base = "https://generativelanguage.googleapis.com/v1beta/openai",
     .keys = {"GEMINI_API_KEY", "GOOGLE_API_KEY"},
     .batch_form = SM_BATCH_GEMINI},
    {.prefix = "azure/", .name = "azure", .keys = {"AZURE_API_KEY"}},
    {.prefix = "anthropic/",
     .name = "anthropic",
     .base = "https://api.anthropic.com/v1",
     .keys = {"ANTHROPIC_API_KEY"},
     .temperature_max = 1,
     .batch_form = SM_BATCH_ANTHROPIC},
    {.prefix = "openrouter/",
     .name = "openrouter",
     .base = "https://openrouter.ai/api/v1",
     .keys = {"OPENROUTER_API_KEY"}},
};

static const struct known *find_known(const char *model)
{
    for (size_t i = 0; i < sizeof known_providers / sizeof *known_providers; i++) {
        if (strncmp(model, known_providers[i].prefix, strlen(known_providers[i].prefix)) == 0)
            return &known_providers[i];
    }
    return NULL;
}

const char *sm_provider_key(size_t i)
{
    size_t each = sizeof known_providers->keys / sizeof *known_providers->keys;
    size_t all = each * (sizeof known_providers / sizeof *known_providers);
    while (i < all && !known_providers[i / each].keys[i % each])
        i++;
    return i < all ? known_providers[i / each].keys[i % each] : i == all ? OWN_KEY : NULL;
}

/* An endpoint is a provider's by its address, whatever prefix the model has: a gateway that is
 * asked for openai/gpt-4o may serve another one. */
static const char *name_of(const char *base)
{
    for (size_t i = 0; i < sizeof known_providers / sizeof *known_providers; i++) {
        if (known_providers[i].base && strcmp(known_providers[i].base, base) == 0)
            return known_providers[i].name;
    }
    return "";
}

bool sm_provider_check_base(const char *base, struct sm_err *err)
{
    struct sm_url url;
    bool read = sm_url_read(base, &url), bare = read && !url.user && !url.query;
    sm_url_release(&url);
    if (!read)
        return sm_err_set(err, SM_EXIT_USAGE, "give one like " SM_LOCAL_BASE,
                          "the base URL is no URL that begins with http:// or https://");
    if (!bare)
        return sm_err_set(err, SM_EXIT_USAGE,
                          "put credentials into a file and give it with --header @FILE",
                          "the base URL holds credentials or a query");
    return true;
}

static bool set_endpoint(struct sm_provider *provider, const char *base, struct sm_err *err)
{
    size_t len = strlen(base);
    if (!sm_provider_check_base(base, err))
        return false;
    while (len && base[len - 1] == '/')
        len--;
    provider->endpoint = sm_strndup(base, len);
    provider->whose = name_of(provider->endpoint);
    return true;
}

static bool missing(struct sm_err *err, const char *model, const char *variable)
{
    struct sm_buf remedy = {0};
    sm_buf_printf(&remedy, "set %s in the environment or in .env, or give --api-key-file",
                  variable);
    sm_err_set(err, SM_EXIT_USAGE, remedy.data, "model %s needs %s", model, variable);
    sm_buf_release(&remedy);
    return false;
}

/* Azure's deployments have URLs of their own and another header. */
static bool find_azure(const char *model, const char *base, sm_lookup_fn *lookup, void *arg,
                       struct sm_provider *provider, struct sm_err *err)
{
    const char *version = lookup(arg, "AZURE_API_VERSION");
    if (!base)
        provider->base_variable = "AZURE_API_BASE";
    base = base ? base : lookup(arg, "AZURE_API_BASE");
    if (!base)
        return missing(err, model,
                       provider->needs ? "AZURE_API_BASE and AZURE_API_KEY" : "AZURE_API_BASE");
    if (!set_endpoint(provider, base, err))
        return false;
    struct sm_buf url = {0};
    provider->whose = NULL;
    provider->api_key_header = true;
    if (version)
        sm_buf_printf(&url, "%s/openai/deployments/%s/chat/completions?api-version=%s",
                      provider->endpoint, provider->model, version);
    else
        sm_buf_printf(&url, "%s/openai/v1/chat/completions", provider->endpoint);
    provider->url = sm_buf_take(&url);
    return true;
}

/* The o-series and gpt-5 think before they write; the chat variants do not. */
static bool is_reasoning(const struct known *known, const char *model)
{
    if (!known || strcmp(known->prefix, "openai/") != 0 || strstr(model, "chat"))
        return false;
    return strncmp(model, "gpt-5", 5) == 0 ||
           (model[0] == 'o' && model[1] >= '1' && model[1] <= '9');
}

bool sm_provider_find(const char *model, const char *base_url, sm_lookup_fn *lookup, void *arg,
                      struct sm_provider *provider, struct sm_err *err)
{
    const struct known *known = find_known(model);
    *provider = (struct sm_provider){.prefix = known ? known->prefix : NULL,
                                     .model = model + (known ? strlen(known->prefix) : 0)};
    provider->logprobs_count = known && known->logprobs_count;
    provider->temperature_max =
        known && known->temperature_max > 0 ? known->temperature_max : TEMPERATURE_MAX;
    provider->batch_form = known && !base_url ? known->batch_form : SM_BATCH_OPENAI;
    provider->reasoning = is_reasoning(known, provider->model);
    if (!known) {
        provider->key_variable = OWN_KEY;
        provider->key = lookup(arg, OWN_KEY);
        return set_endpoint(provider, base_url ? base_url : SM_LOCAL_BASE, err);
    }
    for (int i = 0; i < 2 && known->keys[i] && !provider->key; i++) {
        provider->key_variable = known->keys[i];
        provider->key = lookup(arg, known->keys[i]);
    }
    if (!provider->key && !base_url)
        provider->needs = known->keys[0];
    if (!known->base)
        return find_azure(model, base_url, lookup, arg, provider, err);
    return set_endpoint(provider, base_url ? base_url : known->base, err);
}

bool sm_provider_has_key(const struct sm_provider *provider, const char *model, struct sm_err *err)
{
    return !provider->needs || missing(err, model, provider->needs);
}

void sm_provider_release(struct sm_provider *provider)
{
    free(provider->endpoint);
    free(provider->url);
    *provider = (struct sm_provider){0};
}
