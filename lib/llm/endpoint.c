#include "lib/llm/internal/endpoint.h"

#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/json/json.h"

#include <poll.h>
#include <strings.h>

#define MESSAGE_MAX_BYTES ((size_t)300)
#define MODELS_MAX_BYTES ((size_t)64 << 20)
#define CONNECT_TIMEOUT_S 5
#define MODELS_TIMEOUT_MS 30000L
#define POST_TRIES_MAX 4
#define NAMES_MAX 5                        /* of models, in a message */
#define POST_WAIT_MS 300                   /* and twice, three times that */
#define ANSWER_MAX_BYTES ((size_t)1 << 20) /* of sm_endpoint_post() */
#define SECRET_MIN_BYTES 6                 /* a shorter word would blot out ordinary text */

static void add_secret(struct sm_endpoint *e, const char *text, size_t len)
{
    if (len < SECRET_MIN_BYTES)
        return;
    struct sm_string_list *s = &e->secrets;
    s->at = sm_grow(s->at, s->count, &s->room, sizeof *s->at);
    s->at[s->count++] = sm_strndup(text, len);
}

/* A header may be a scheme and a token, "Authorization: Bearer abc", and an endpoint may repeat the
 * token alone. */
static void add_header_secrets(struct sm_endpoint *e, const char *header)
{
    const char *value = strchr(header, ':');
    for (const char *p = value ? value + 1 : ""; *p;) {
        p += strspn(p, " \t");
        size_t len = strcspn(p, " \t");
        add_secret(e, p, len);
        p += len;
    }
}

void sm_endpoint_hide_secrets(const struct sm_endpoint *e, struct sm_err *err)
{
    if (!err->message)
        return;
    char *text = sm_strdup(err->message);
    for (size_t i = 0; i < e->secrets.count; i++) {
        size_t len = strlen(e->secrets.at[i]);
        for (char *at = text; (at = strstr(at, e->secrets.at[i])); at += len)
            memset(at, '*', len);
    }
    /* Last, since half of a secret would not be found. */
    if (strlen(text) > MESSAGE_MAX_BYTES)
        text[sm_utf8_valid(text, MESSAGE_MAX_BYTES)] = '\0';
    sm_err_set(err, err->code, err->remedy, "%s", text);
    free(text);
}

static void set_headers(struct sm_endpoint *e, const struct sm_llm_config *config)
{
    struct sm_buf line = {0};
    e->headers = curl_slist_append(NULL, "Content-Type: application/json");
    e->headers = curl_slist_append(e->headers, "Expect:");
    if (e->key) {
        sm_buf_printf(&line, config->api_key_header ? "api-key: %s" : "Authorization: Bearer %s",
                      e->key);
        e->headers = curl_slist_append(e->headers, line.data);
        add_secret(e, e->key, strlen(e->key));
    }
    for (size_t i = 0; i < config->header_count; i++) {
        e->headers = curl_slist_append(e->headers, config->headers[i]);
        add_header_secrets(e, config->headers[i]);
    }
    if (!e->headers)
        sm_out_of_memory();
    sm_buf_release(&line);
}

static void set_url(struct sm_endpoint *e, const char *url)
{
    struct sm_buf text = {0};
    size_t len = strlen(e->base);
    while (len && e->base[len - 1] == '/')
        e->base[--len] = '\0';
    if (url)
        sm_buf_str(&text, url);
    else
        sm_buf_printf(&text, "%s/chat/completions", e->base);
    e->url = sm_buf_take(&text);
    e->identity = url ? e->url : e->base;
}

void sm_endpoint_init(struct sm_endpoint *e, const struct sm_llm_config *config)
{
    *e = (struct sm_endpoint){
        .base = sm_strdup(config->endpoint),
        .key = config->key && *config->key ? sm_strdup(config->key) : NULL,
        .interrupted = config->interrupted,
        .timeout_s = config->timeout_s > 0 ? config->timeout_s : SM_TIMEOUT_S,
        .ca_file = config->ca_file ? sm_strdup(config->ca_file) : NULL,
        .ca_path = config->ca_path ? sm_strdup(config->ca_path) : NULL,
        .proxy = config->proxy ? sm_strdup(config->proxy) : NULL,
    };
    set_url(e, config->url);
    e->whose_name = config->whose ? sm_strdup(config->whose) : NULL;
    e->whose = e->whose_name ? e->whose_name : e->identity;
    set_headers(e, config);
}

void sm_endpoint_release(struct sm_endpoint *e)
{
    for (size_t i = 0; i < e->secrets.count; i++)
        free((char *)e->secrets.at[i]);
    free(e->secrets.at);
    curl_slist_free_all(e->headers);
    free(e->base);
    free(e->url);
    free(e->whose_name);
    free(e->key);
    free(e->ca_file);
    free(e->ca_path);
    free(e->proxy);
}

void sm_endpoint_post_url(const char *base, const struct sm_post *post, struct sm_buf *url)
{
    size_t len = strlen(base);
    if (post->at_root && len > 3 && strcmp(base + len - 3, "/v1") == 0)
        len -= 3;
    sm_buf_add(url, base, len);
    sm_buf_str(url, post->path);
}

CURL *sm_endpoint_handle(const struct sm_endpoint *e)
{
    CURL *easy = curl_easy_init();
    if (!easy)
        sm_out_of_memory();
    curl_easy_setopt(easy, CURLOPT_URL, e->url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, e->headers);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    /* Over TLS the handshake tells whether a connection can be shared. Without TLS only the first
     * reply would tell, and all other requests would wait for it; nor is HTTP/2 requested then. */
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, (long)(strncasecmp(e->url, "https:", 6) == 0));
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(e->timeout_s * 1e3));
    if (e->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, e->ca_file);
    if (e->ca_path)
        curl_easy_setopt(easy, CURLOPT_CAPATH, e->ca_path);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "synthesizeme/" SM_VERSION);
    return easy;
}

static size_t take_text(char *data, size_t size, size_t count, void *arg)
{
    return sm_buf_add(arg, data, size * count) ? size * count : 0;
}

static int check_interrupt(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct sm_endpoint *e = arg;
    (void)a, (void)b, (void)c, (void)d;
    return e->interrupted && *e->interrupted;
}

/* Waits for the answer, until a signal asks the program to end. */
static CURLcode perform(const struct sm_endpoint *e, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, check_interrupt);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, e);
    return curl_easy_perform(easy);
}

/* Trouble that may be over the next time. */
static bool is_passing(CURLcode result, long status)
{
    return result == CURLE_OK ? status == 429 || (status >= 500 && status != 501)
                              : result == CURLE_GOT_NOTHING || result == CURLE_RECV_ERROR ||
                                    result == CURLE_PARTIAL_FILE;
}

const char *sm_endpoint_way_past_tls(CURLcode result)
{
    switch (result) {
    case CURLE_PEER_FAILED_VERIFICATION:
        return "if you trust its authority, name that one's certificate in CURL_CA_BUNDLE";
    case CURLE_SSL_CACERT_BADFILE:
        return "name a file of certificates that can be read in CURL_CA_BUNDLE (or SSL_CERT_FILE), "
               "or unset it";
    case CURLE_SSL_CONNECT_ERROR:
        return "is it http:// rather than https://? What the server presents is checked against "
               "CURL_CA_BUNDLE, if that is set";
    default:
        return NULL;
    }
}

bool sm_endpoint_post(const struct sm_endpoint *e, const struct sm_post *post,
                      const struct sm_buf *body, struct sm_buf *answer, struct sm_err *err)
{
    struct sm_buf url = {0};
    long status = 0;
    CURL *easy = sm_endpoint_handle(e);
    sm_buf_init(answer, ANSWER_MAX_BYTES);
    sm_endpoint_post_url(e->base, post, &url);
    curl_easy_setopt(easy, CURLOPT_URL, url.data);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body->data);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->len);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_text);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer);
    CURLcode result = CURLE_OK;
    for (int tried = 0; tried < POST_TRIES_MAX && (tried == 0 || is_passing(result, status));
         tried++) {
        sm_buf_clear(answer);
        poll(NULL, 0, tried * POST_WAIT_MS);
        result = perform(e, easy);
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    }
    curl_easy_cleanup(easy);
    sm_buf_release(&url);
    if (result == CURLE_ABORTED_BY_CALLBACK)
        return sm_err_set(err, SM_EXIT_SIGNAL + *e->interrupted, NULL, "interrupted");
    if (result != CURLE_OK && result != CURLE_WRITE_ERROR)
        return sm_err_set(
            err, SM_EXIT_INPUT,
            sm_endpoint_way_past_tls(result)
                ? sm_endpoint_way_past_tls(result)
                : "start the server, or check --base-url and the proxy (see sm-llm(7))",
            "cannot reach %s: %s", e->base, curl_easy_strerror(result));
    if (status == 401 || status == 403)
        return sm_err_set(err, SM_EXIT_PROVIDER,
                          "check the API key in the environment or .env (see sm-llm(7))",
                          "HTTP %ld of %s", status, e->base);
    return true;
}

/* Whether a user could type it: one line of text. */
static bool is_name(const char *text)
{
    for (const char *p = text; p && *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return false;
    }
    return text && *text;
}

/* Appends the names, each with a newline. False if there is none. */
static bool list_models(const struct sm_buf *body, struct sm_buf *out)
{
    jv root = jv_invalid();
    if (!sm_json_parse(sm_buf_text(body), body->len, &root, NULL))
        return false;
    jv data = sm_json_get(root, "data");
    int n = jv_get_kind(data) == JV_KIND_ARRAY ? jv_array_length(jv_copy(data)) : 0;
    bool any = false;
    for (int i = 0; i < n; i++) {
        jv item = jv_array_get(jv_copy(data), i);
        const char *id = sm_json_text(item, "id", NULL);
        if (is_name(id)) {
            sm_buf_printf(out, "%s\n", id);
            any = true;
        }
        jv_free(item);
    }
    jv_free(data);
    jv_free(root);
    return any;
}

bool sm_endpoint_lacks_version(const struct sm_endpoint *e)
{
    return e->identity == e->base && !strstr(e->base, "/v1") && !strstr(e->base, "/openai") &&
           !strstr(e->base, "/api/v");
}

void sm_llm_write_names(const char *names, struct sm_buf *out)
{
    size_t n = 0;
    for (; *names; n++) {
        size_t len = strcspn(names, "\n");
        if (n < NAMES_MAX)
            sm_buf_printf(out, "%s%.*s", n ? ", " : "", (int)len, names);
        names += len + (names[len] == '\n');
    }
    if (n > NAMES_MAX)
        sm_buf_printf(out, " and %zu more", n - NAMES_MAX);
}

bool sm_endpoint_models(const struct sm_endpoint *e, struct sm_buf *out, struct sm_err *err)
{
    struct sm_buf url = {0}, body = {.max = MODELS_MAX_BYTES};
    sm_buf_printf(&url, "%s/models", e->base);
    CURL *easy = sm_endpoint_handle(e);
    curl_easy_setopt(easy, CURLOPT_URL, url.data);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_text);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, MODELS_TIMEOUT_MS);
    CURLcode result = perform(e, easy);
    curl_easy_cleanup(easy);
    bool ok = result == CURLE_OK && list_models(&body, out);
    if (!ok && result == CURLE_OK && sm_endpoint_lacks_version(e))
        sm_err_set(err, SM_EXIT_PROVIDER, NULL, "%s gives no list of models (try %s/v1)", e->base,
                   e->base);
    else if (!ok)
        sm_err_set(err, SM_EXIT_PROVIDER, sm_endpoint_way_past_tls(result),
                   "%s gives no list of models%s%s", e->base, result == CURLE_OK ? "" : ": ",
                   result == CURLE_OK ? "" : curl_easy_strerror(result));
    sm_buf_release(&url);
    sm_buf_release(&body);
    return ok;
}
