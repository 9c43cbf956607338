/* One endpoint: where its requests go, and what is sent with each of them. */
#ifndef SM_LLM_INTERNAL_ENDPOINT_H
#define SM_LLM_INTERNAL_ENDPOINT_H

#include "lib/io/opt.h"
#include "lib/llm/client.h"

#include <curl/curl.h>

struct sm_endpoint {
    char *base, *url, *key;
    char *identity;                /* what is learned of it is kept under: base or url */
    char *whose_name;              /* or NULL */
    const char *whose;             /* who answers, for keys: whose_name or identity */
    struct sm_string_list secrets; /* the key and the values of headers: never shown */
    struct curl_slist *headers;
    char *ca_file, *ca_path;
    char *proxy; /* as in sm_llm_config; or NULL */
    double timeout_s;
    const volatile sig_atomic_t *interrupted; /* as in sm_llm_config */
};

void sm_endpoint_init(struct sm_endpoint *endpoint, const struct sm_llm_config *config);
void sm_endpoint_release(struct sm_endpoint *endpoint);

/* Masks every secret that an endpoint repeats in its error, then shortens the message. */
void sm_endpoint_hide_secrets(const struct sm_endpoint *endpoint, struct sm_err *err);

/* A handle for requests to it, for curl_easy_cleanup(). */
CURL *sm_endpoint_handle(const struct sm_endpoint *endpoint);

/* Appends the URL of a post to a server with this base URL. */
void sm_endpoint_post_url(const char *base, const struct sm_post *post, struct sm_buf *url);

/* Posts and waits for the answer, whatever its status. Initializes `answer`. False with `err` if no
 * answer came, or the key is refused. */
bool sm_endpoint_post(const struct sm_endpoint *endpoint, const struct sm_post *post,
                      const struct sm_buf *body, struct sm_buf *answer, struct sm_err *err);

/* What helps against a connection that TLS does not let come about; NULL: it is something else. */
const char *sm_endpoint_way_past_tls(CURLcode result);

/* Whether the base URL lacks the version that most endpoints have in it, as in /v1. */
bool sm_endpoint_lacks_version(const struct sm_endpoint *endpoint);

/* See sm_llm_models(). */
bool sm_endpoint_models(const struct sm_endpoint *endpoint, struct sm_buf *names,
                        struct sm_err *err);

#endif
