/* Where requests for a model go: providers are known by the prefix of its name. */
#ifndef SM_LLM_PROVIDER_H
#define SM_LLM_PROVIDER_H

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/store/batch_form.h"

#include <stdbool.h>
#include <stddef.h>

/* Looks up a setting (an environment variable). Returns borrowed text or NULL. */
typedef const char *sm_lookup_fn(void *arg, const char *name);

struct sm_provider {
    char *endpoint;     /* base URL without a trailing slash */
    char *url;          /* the full request URL if it is not ENDPOINT/chat/completions, or NULL */
    const char *whose;  /* as in sm_llm_config: the provider's name, or "" of an endpoint that is
                           none of these; NULL for Azure, where everybody names the models */
    const char *prefix; /* "openai/", as the model was asked for; NULL: none that is known */
    const char *model;  /* as sent: borrowed from the model asked for, less its known prefix */
    const char *key;    /* borrowed from `lookup`, or NULL */
    const char *key_variable;  /* the one that holds the key, if there is one; literal */
    const char *base_variable; /* the one that holds the endpoint; NULL: none does; literal */
    const char *needs;         /* the variable that should hold the key but does not; or NULL */
    bool api_key_header;
    bool reasoning;                /* an OpenAI model that takes no temperature and no max_tokens */
    bool logprobs_count;           /* its `logprobs` is a number, and has no `top_logprobs` */
    double temperature_max;        /* the highest it takes */
    enum sm_batch_form batch_form; /* its own; OpenAI's where another base URL is given */
};

/* The base URL for a model without a known prefix. */
#define SM_LOCAL_BASE "http://localhost:7410/v1"

/* The variables that may hold a key, by number from 0, some of them twice; NULL ends them. */
const char *sm_provider_key(size_t i);

/* Whether a URL can be a base URL: http:// or https://, without credentials and query. */
bool sm_provider_check_base(const char *base, struct sm_err *err);

/* Finds the endpoint of `model` ("openai/gpt-4o", "Qwen/Qwen2-7B-Instruct", …). `base_url` replaces
 * the provider's unless it is NULL. False with `err` if a setting is missing, or the URL cannot be
 * used; a missing key is no failure, since not all who ask send anything. */
bool sm_provider_find(const char *model, const char *base_url, sm_lookup_fn *lookup, void *arg,
                      struct sm_provider *provider, struct sm_err *err);
/* False with `err` if the key that `model` needs is missing. */
bool sm_provider_has_key(const struct sm_provider *provider, const char *model, struct sm_err *err);
void sm_provider_release(struct sm_provider *provider);

#endif
