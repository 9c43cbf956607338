#include "lib/data/hf_client.h"

#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/json/json.h"

#include <curl/curl.h>
#include <math.h>
#include <strings.h>

#define TRIES_MAX 8
#define WAIT_MAX_S 3600.0 /* who is asked to wait longer comes again another time */
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

/* What came back of one try. */
struct attempt {
    CURLcode result;
    long status;
    double asked_s; /* to wait; below 0: nothing said */
};

static size_t take_bytes(char *data, size_t size, size_t count, void *arg)
{
    return sm_buf_add(arg, data, size * count) ? size * count : 0;
}

static bool is_private(const char *url)
{
    static const char *const safe[] = {"https://", "http://127.", "http://localhost",
                                       "http://[::1]"};
    for (size_t i = 0; i < sizeof safe / sizeof *safe; i++) {
        if (strncasecmp(url, safe[i], strlen(safe[i])) == 0)
            return true;
    }
    return false;
}

static void set_up(struct sm_hf_client *hub)
{
    const struct sm_hf_config *config = &hub->config;
    struct sm_buf line = {0};
    hub->easy = curl_easy_init();
    hub->headers = curl_slist_append(NULL, "Accept: application/json");
    if (hub->token) {
        sm_buf_printf(&line, "Authorization: Bearer %s", hub->token);
        hub->headers = curl_slist_append(hub->headers, line.data);
        sm_buf_release(&line);
    }
    if (!hub->easy || !hub->headers)
        sm_out_of_memory();
    curl_easy_setopt(hub->easy, CURLOPT_HTTPHEADER, hub->headers);
    curl_easy_setopt(hub->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(hub->easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(hub->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(hub->easy, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S);
    curl_easy_setopt(hub->easy, CURLOPT_TIMEOUT, TIMEOUT_S);
    curl_easy_setopt(hub->easy, CURLOPT_USERAGENT, "synthesizeme/" SM_VERSION);
    curl_easy_setopt(hub->easy, CURLOPT_WRITEFUNCTION, take_bytes);
    if (config->ca_file)
        curl_easy_setopt(hub->easy, CURLOPT_CAINFO, config->ca_file);
    if (config->ca_path)
        curl_easy_setopt(hub->easy, CURLOPT_CAPATH, config->ca_path);
}

/* A name and a password before the host would be told in messages and records. */
static bool has_user(const char *url)
{
    const char *host = strstr(url, "://");
    host = host ? host + 3 : url;
    return memchr(host, '@', strcspn(host, "/?#")) != NULL;
}

struct sm_hf_client *sm_hf_open(const struct sm_hf_config *config, struct sm_err *err)
{
    if (has_user(config->url)) {
        sm_err_set(err, SM_EXIT_USAGE, "give the URL without them, and a token in HF_TOKEN",
                   "the server's URL holds a name or password");
        return NULL;
    }
    bool token = config->token && *config->token;
    if (token && !is_private(config->url)) {
        sm_err_set(err, SM_EXIT_USAGE, "give an https:// URL, or unset HF_TOKEN",
                   "the token would go to %s unencrypted", config->url);
        return NULL;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        sm_err_set(err, SM_EXIT_INPUT, NULL, "libcurl cannot start");
        return NULL;
    }
    struct sm_hf_client *hub = sm_alloc(1, sizeof *hub);
    hub->config = *config;
    hub->url = sm_strdup(config->url);
    for (size_t len = strlen(hub->url); len && hub->url[len - 1] == '/'; len--)
        hub->url[len - 1] = '\0';
    hub->token = token ? sm_strdup(config->token) : NULL;
    set_up(hub);
    return hub;
}

void sm_hf_close(struct sm_hf_client *hub)
{
    if (!hub)
        return;
    curl_easy_cleanup(hub->easy);
    curl_slist_free_all(hub->headers);
    free(hub->url);
    free(hub->token);
    free(hub);
    curl_global_cleanup();
}

const char *sm_hf_url(const struct sm_hf_client *hub)
{
    return hub->url;
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

static double retry_after(const struct sm_hf_client *hub)
{
    struct curl_header *header;
    if (curl_easy_header(hub->easy, "retry-after", 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return -1;
    char *end;
    double seconds = strtod(header->value, &end);
    if (end != header->value && !*end && seconds >= 0)
        return seconds;
    time_t date = curl_getdate(header->value, NULL);
    return date < 0 ? -1 : sm_clock_seconds_until(hub->config.clock, date);
}

static struct attempt try_once(struct sm_hf_client *hub, const char *url, struct sm_buf *body)
{
    struct attempt attempt = {.asked_s = -1};
    sm_buf_clear(body);
    curl_easy_setopt(hub->easy, CURLOPT_URL, url);
    curl_easy_setopt(hub->easy, CURLOPT_WRITEDATA, body);
    attempt.result = curl_easy_perform(hub->easy);
    if (attempt.result == CURLE_OK) {
        curl_easy_getinfo(hub->easy, CURLINFO_RESPONSE_CODE, &attempt.status);
        attempt.asked_s = retry_after(hub);
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

/* Appends the beginning of what the server said. The token goes first: half of it would not be
 * found. */
static void quote(const struct sm_hf_client *hub, const char *said, struct sm_buf *out)
{
    size_t len = hub->token ? strlen(hub->token) : 0;
    char *text = sm_strdup(said);
    for (char *at = text; len && (at = strstr(at, hub->token)); at += len)
        memset(at, '*', len);
    sm_buf_add(out, text, sm_utf8_valid(text, strnlen(text, MESSAGE_MAX_BYTES)));
    free(text);
}

/* In the server's words, if it sent any. */
static void say_why(const struct sm_hf_client *hub, const struct attempt *attempt,
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
            quote(hub, said, why);
        }
        jv_free(root);
    }
}

static bool refuse(const struct sm_hf_client *hub, const struct attempt *attempt, const char *why,
                   struct sm_err *err)
{
    bool key = attempt->status == 401 || attempt->status == 403;
    const char *remedy = "check the names of dataset, config and split, and for a gated or private "
                         "dataset put a token into HF_TOKEN";
    if (attempt->status == 429 || attempt->status >= 500 || attempt->asked_s > WAIT_MAX_S)
        remedy = "run the same command later: it goes on where it stopped";
    else if (attempt->result != CURLE_OK)
        remedy = "check the network and --hf-url; the same command goes on where it stopped";
    return sm_err_set(err, key || attempt->status == 429 ? SM_EXIT_PROVIDER : SM_EXIT_INPUT, remedy,
                      "%s: %s", hub->url, why);
}

bool sm_hf_get(struct sm_hf_client *hub, const char *path, struct sm_buf *body, struct sm_err *err)
{
    struct sm_buf url = {0}, why = {0};
    bool ok = false;
    body->max = BODY_MAX_BYTES;
    sm_buf_printf(&url, "%s%s", hub->url, path);
    for (unsigned tried = 1;; tried++) {
        struct attempt attempt = try_once(hub, url.data, body);
        ok = attempt.result == CURLE_OK && attempt.status == 200;
        if (ok)
            break;
        sm_buf_clear(&why);
        say_why(hub, &attempt, body, &why);
        double seconds = attempt.asked_s >= 0 ? attempt.asked_s : ldexp(0.5, (int)tried - 1);
        if (!may_pass(&attempt) || tried == TRIES_MAX || seconds > WAIT_MAX_S) {
            refuse(hub, &attempt, why.data, err);
            break;
        }
        hub->config.wait(hub->config.arg, seconds, why.data);
    }
    sm_buf_release(&url);
    sm_buf_release(&why);
    return ok;
}
