/* One chat endpoint: where its requests go, and what is sent with each of them. */
#ifndef SM_LLM_INTERNAL_ENDPOINT_H
#define SM_LLM_INTERNAL_ENDPOINT_H

#include "lib/io/opt.h"
#include "lib/llm/client.h"

#include <curl/curl.h>

struct sm_endpoint {
    char *base, *url, *key;
    char *identity;          /* what tells its answers from those of others: base or url */
    struct sm_texts secrets; /* the key, and what headers hold: never to be shown */
    struct curl_slist *headers;
    char *ca_file, *ca_path;
    double timeout_s;
};

void sm_endpoint_init(struct sm_endpoint *endpoint, const struct sm_llm_config *config);
void sm_endpoint_release(struct sm_endpoint *endpoint);

/* Blots out every secret that an endpoint repeats in its error, then shortens the message. */
void sm_endpoint_hide_secrets(const struct sm_endpoint *endpoint, struct sm_err *err);

/* A handle that posts to it; the caller frees it. */
CURL *sm_endpoint_handle(const struct sm_endpoint *endpoint);

/* Appends where a post goes. */
void sm_endpoint_post_url(const struct sm_endpoint *endpoint, const struct sm_post *post,
                          struct sm_buf *url);

/* Posts and waits for the answer, whatever its status. False with `err`: none came, or the key is
 * refused. */
bool sm_endpoint_post(const struct sm_endpoint *endpoint, const struct sm_post *post,
                      const struct sm_buf *body, struct sm_buf *answer, struct sm_err *err);

/* See sm_llm_models(). */
bool sm_endpoint_models(const struct sm_endpoint *endpoint, struct sm_buf *names,
                        struct sm_err *err);

#endif
