#include "lib/data/hf_client.h"

#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/io/url.h"
#include "lib/json/json.h"

#include <curl/curl.h>
#include <math.h>
#include <strings.h>

#define TRIES_MAX 8
#define WAIT_MAX_S 3600.0 /* if asked to wait longer, the user may as well come back later */
#define BODY_MAX_BYTES ((size_t)256 << 20)
#define CONNECT_TIMEOUT_S 10L
#define TIMEOUT_S 120L
#define MESSAGE_MAX_BYTES 300

struct sm_hf_client {
    struct sm_hf_config config;
    char *url, *token;
    CURL *easy;
    struct curl_slist *headers;
};

/* How one try ended. */
struct attempt {
    CURLcode result;
    long status;
    double asked_s; /* to wait; below 0: not said */
};

static size_t take_bytes(char *data, size_t size, size_t count, void *arg)
{
    return sm_buf_add(arg, data, size * count) ? size * count : 0;
}

static void set_up(struct sm_hf_client *client)
{
    const struct sm_hf_config *config = &client->config;
    struct sm_buf line = {0};
    client->easy = curl_easy_init();
    client->headers = curl_slist_append(NULL, "Accept: application/json");
    if (client->token) {
        sm_buf_printf(&line, "Authorization: Bearer %s", client->token);
        client->headers = curl_slist_append(client->headers, line.data);
        sm_buf_release(&line);
    }
    if (!client->easy || !client->headers)
        sm_out_of_memory();
    curl_easy_setopt(client->easy, CURLOPT_HTTPHEADER, client->headers);
    curl_easy_setopt(client->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(client->easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(client->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(client->easy, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S);
    curl_easy_setopt(client->easy, CURLOPT_TIMEOUT, TIMEOUT_S);
    curl_easy_setopt(client->easy, CURLOPT_USERAGENT, "synthesizeme/" SM_VERSION);
    curl_easy_setopt(client->easy, CURLOPT_WRITEFUNCTION, take_bytes);
    if (config->ca_file)
        curl_easy_setopt(client->easy, CURLOPT_CAINFO, config->ca_file);
    if (config->ca_path)
        curl_easy_setopt(client->easy, CURLOPT_CAPATH, config->ca_path);
}

/* A name and password before the host would show up in messages and records; a token must not be
 * read on the way. */
static bool check_url(const struct sm_hf_config *config, struct sm_err *err)
{
    struct sm_url url;
    bool ok = sm_url_read(config->url, &url);
    if (!ok)
        sm_err_set(err, SM_EXIT_USAGE, "give one like https://datasets-server.huggingface.co",
                   "the server's URL is no http:// or https:// URL");
    else if (url.user)
        ok = sm_err_set(err, SM_EXIT_USAGE, "give the URL without them, and a token in HF_TOKEN",
                        "the server's URL holds a name or password");
    else if (config->token && *config->token && !sm_url_is_private(&url))
        ok = sm_err_set(err, SM_EXIT_USAGE, "give an https:// URL, or unset HF_TOKEN",
                        "the token would go to %s unencrypted", config->url);
    sm_url_release(&url);
    return ok;
}

struct sm_hf_client *sm_hf_open(const struct sm_hf_config *config, struct sm_err *err)
{
    bool token = config->token && *config->token;
    if (!check_url(config, err))
        return NULL;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        sm_err_set(err, SM_EXIT_INPUT, NULL, "libcurl cannot start");
        return NULL;
    }
    struct sm_hf_client *client = sm_alloc(1, sizeof *client);
    client->config = *config;
    client->url = sm_strdup(config->url);
    for (size_t len = strlen(client->url); len && client->url[len - 1] == '/'; len--)
        client->url[len - 1] = '\0';
    client->token = token ? sm_strdup(config->token) : NULL;
    set_up(client);
    return client;
}

void sm_hf_close(struct sm_hf_client *client)
{
    if (!client)
        return;
    curl_easy_cleanup(client->easy);
    curl_slist_free_all(client->headers);
    free(client->url);
    free(client->token);
    free(client);
    curl_global_cleanup();
}

const char *sm_hf_url(const struct sm_hf_client *client)
{
    return client->url;
}

void sm_hf_query(struct sm_buf *path, const char *name, const char *value)
{
    char *escaped = curl_easy_escape(NULL, value, (int)strlen(value));
    if (!escaped)
        sm_out_of_memory();
    bool first = !path->data || !strchr(path->data, '?');
    sm_buf_printf(path, "%c%s=%s", first ? '?' : '&', name, escaped);
    curl_free(escaped);
}

static double retry_after(const struct sm_hf_client *client)
{
    struct curl_header *header;
    if (curl_easy_header(client->easy, "retry-after", 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return -1;
    char *end;
    double seconds = strtod(header->value, &end);
    if (end != header->value && !*end && seconds >= 0)
        return seconds;
    time_t date = curl_getdate(header->value, NULL);
    return date < 0 ? -1 : sm_clock_seconds_until(client->config.clock, date);
}

static struct attempt try_once(struct sm_hf_client *client, const char *url, struct sm_buf *body)
{
    struct attempt attempt = {.asked_s = -1};
    sm_buf_clear(body);
    curl_easy_setopt(client->easy, CURLOPT_URL, url);
    curl_easy_setopt(client->easy, CURLOPT_WRITEDATA, body);
    attempt.result = curl_easy_perform(client->easy);
    if (attempt.result == CURLE_OK) {
        curl_easy_getinfo(client->easy, CURLINFO_RESPONSE_CODE, &attempt.status);
        attempt.asked_s = retry_after(client);
    }
    return attempt;
}

static bool may_pass(const struct attempt *attempt)
{
    if (attempt->result == CURLE_OK)
        return attempt->status == 408 || attempt->status == 429 || attempt->status >= 500;
    return attempt->result != CURLE_UNSUPPORTED_PROTOCOL &&
           attempt->result != CURLE_URL_MALFORMAT &&
           attempt->result != CURLE_PEER_FAILED_VERIFICATION &&
           attempt->result != CURLE_WRITE_ERROR;
}

/* Appends the beginning of what the server said. The token is masked first, since half of it would
 * not be found. */
static void quote(const struct sm_hf_client *client, const char *said, struct sm_buf *out)
{
    size_t len = client->token ? strlen(client->token) : 0;
    char *text = sm_strdup(said);
    for (char *at = text; len && (at = strstr(at, client->token)); at += len)
        memset(at, '*', len);
    sm_buf_add(out, text, sm_utf8_valid(text, strnlen(text, MESSAGE_MAX_BYTES)));
    free(text);
}

/* In the server's own words, if it sent any. */
static void say_why(const struct sm_hf_client *client, const struct attempt *attempt,
                    const struct sm_buf *body, struct sm_buf *why)
{
    jv root = jv_invalid();
    if (attempt->result != CURLE_OK) {
        sm_buf_str(why, curl_easy_strerror(attempt->result));
        return;
    }
    sm_buf_printf(why, "HTTP %ld", attempt->status);
    if (sm_json_parse(sm_buf_text(body), body->len, &root, NULL)) {
        const char *said = sm_json_text(root, "error", NULL);
        if (said) {
            sm_buf_str(why, ": ");
            quote(client, said, why);
        }
        jv_free(root);
    }
}

static bool refuse(const struct sm_hf_client *client, const struct attempt *attempt,
                   const char *why, struct sm_err *err)
{
    bool key = attempt->status == 401 || attempt->status == 403;
    const char *remedy = "check the names of dataset, config and split, and for a gated or private "
                         "dataset put a token into HF_TOKEN";
    if (attempt->status == 429 || attempt->status >= 500 || attempt->asked_s > WAIT_MAX_S)
        remedy = "run the same command later: it goes on where it stopped";
    else if (attempt->result != CURLE_OK)
        remedy = "check the network and --hf-url; the same command goes on where it stopped";
    return sm_err_set(err, key || attempt->status == 429 ? SM_EXIT_PROVIDER : SM_EXIT_INPUT, remedy,
                      "%s: %s", client->url, why);
}

bool sm_hf_get(struct sm_hf_client *client, const char *path, struct sm_buf *body,
               struct sm_err *err)
{
    struct sm_buf url = {0}, why = {0};
    bool ok = false;
    body->max = BODY_MAX_BYTES;
    sm_buf_printf(&url, "%s%s", client->url, path);
    for (unsigned tried = 1;; tried++) {
        struct attempt attempt = try_once(client, url.data, body);
        ok = attempt.result == CURLE_OK && attempt.status == 200;
        if (ok)
            break;
        sm_buf_clear(&why);
        say_why(client, &attempt, body, &why);
        double seconds = attempt.asked_s >= 0 ? attempt.asked_s : ldexp(0.5, (int)tried - 1);
        if (!may_pass(&attempt) || tried == TRIES_MAX || seconds > WAIT_MAX_S) {
            refuse(client, &attempt, why.data, err);
            break;
        }
        client->config.wait(client->config.arg, seconds, why.data);
    }
    sm_buf_release(&url);
    sm_buf_release(&why);
    return ok;
}
