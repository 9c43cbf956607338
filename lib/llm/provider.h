/* Where the requests for a model go: known providers by the prefix of the model's name. */
#ifndef SM_LLM_PROVIDER_H
#define SM_LLM_PROVIDER_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* How to look up a setting (an environment variable); returns borrowed text or NULL. */
typedef const char *sm_lookup_fn(void *arg, const char *name);

struct sm_provider {
    char *endpoint;    /* base URL without a slash at its end */
    char *url;         /* the full request URL where it is not ENDPOINT/chat/completions, or NULL */
    const char *model; /* as sent: borrowed from the model asked for, its known prefix stripped */
    const char *key;   /* borrowed from `lookup`, or NULL */
    bool api_key_header;
    bool reasoning;         /* of OpenAI's that take no temperature and no max_tokens */
    bool logprobs_count;    /* its `logprobs` is a number, and has no `top_logprobs` */
    double temperature_max; /* that it takes */
};

/* Where a model without a known prefix is looked for. */
#define SM_LOCAL_BASE "http://localhost:7410/v1"

/* The variables that may hold a key, by number from 0, some of them twice; NULL behind the last. */
const char *sm_provider_key(size_t i);

/* Finds the endpoint of `model` ("openai/gpt-4o", "Qwen/Qwen2-7B-Instruct", …). `base_url` (may be
 * NULL) replaces the provider's. False: a key or a setting is missing, or the URL cannot be used.
 */
bool sm_provider_find(const char *model, const char *base_url, sm_lookup_fn *lookup, void *arg,
                      struct sm_provider *provider, struct sm_err *err);
void sm_provider_release(struct sm_provider *provider);

#endif
