/* One chat endpoint and one of its models, as the client (llm.c) knows them: where requests go,
 * what is sent with them, and what the endpoint was found to refuse; of no use elsewhere. */
#ifndef SM_LLM_ENDPOINT_H
#define SM_LLM_ENDPOINT_H

#include "lib/io/opt.h"
#include "lib/llm/client.h"

#include <curl/curl.h>

enum sm_param {
    SM_PARAM_FORMAT,
    SM_PARAM_TEMPERATURE,
    SM_PARAM_MAX_TOKENS,
    SM_PARAM_SEED,
    SM_PARAM_LOGPROBS,
    SM_PARAM_COUNT
};

struct sm_endpoint {
    char *base, *url, *model, *key;
    char *identity;          /* what tells its answers from those of others: base or url */
    struct sm_texts secrets; /* the key, and what headers hold: never to be shown */
    struct curl_slist *headers;
    char *ca_file, *ca_path;
    double timeout_s;
    bool logprobs_count;
    long max_tokens;
    struct sm_store *store;       /* borrowed; may be NULL */
    bool refused[SM_PARAM_COUNT]; /* learned from its errors, or known of the model */
    unsigned lessons;             /* how often something was learned */
    bool forget;                  /* what was known before is found out anew */
    bool proven;                  /* it takes what we send: until then one call at a time */
};

/* Borrows `store`. What the store knows of the endpoint is recalled unless config->forget. */
void sm_endpoint_init(struct sm_endpoint *endpoint, const struct sm_llm_config *config,
                      struct sm_store *store);
void sm_endpoint_release(struct sm_endpoint *endpoint);

/* Appends the body of a request, as the endpoint is known to take it. */
void sm_endpoint_request(const struct sm_endpoint *endpoint, const struct sm_ask *ask,
                         struct sm_buf *body);

/* Notes that it answered, or that it refuses a parameter; the store remembers. */
void sm_endpoint_prove(struct sm_endpoint *endpoint);
void sm_endpoint_learn(struct sm_endpoint *endpoint, const char *param);

/* As long as it is not proven: looks for what other programs have noted meanwhile. */
void sm_endpoint_recall(struct sm_endpoint *endpoint);

/* Names of what it refuses, as a JSON array. */
void sm_endpoint_refused(const struct sm_endpoint *endpoint, struct sm_buf *out);

/* Blots out every secret that an endpoint repeats in its error, then shortens the message. */
void sm_endpoint_hide_secrets(const struct sm_endpoint *endpoint, struct sm_err *err);

/* A handle that posts to it; the caller frees it. */
CURL *sm_endpoint_handle(const struct sm_endpoint *endpoint);

/* See sm_llm_models(). */
bool sm_endpoint_models(const struct sm_endpoint *endpoint, struct sm_buf *names,
                        struct sm_err *err);

#endif
