#include "lib/io/url.h"

#include "lib/base/mem.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <strings.h>

/* A part, for curl_free(); NULL if the URL has none. */
static char *part(CURLU *handle, CURLUPart which, unsigned flags)
{
    char *text = NULL;
    return curl_url_get(handle, which, &text, flags) == CURLUE_OK ? text : NULL;
}

/* By address, however it was written, or by the one name that libcurl never looks up elsewhere.
 * 0.0.0.0 and :: are no addresses to go to: where they lead is up to the system. */
static bool is_loopback(const char *host)
{
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, host, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    if (inet_pton(AF_INET6, host, &six) == 1)
        return IN6_IS_ADDR_LOOPBACK(&six) || (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[12] == 127);
    return strcasecmp(host, "localhost") == 0;
}

/* Brackets of IPv6 away. */
static char *plain_host(const char *host)
{
    size_t len = strlen(host);
    return len > 2 && *host == '[' ? sm_strndup(host + 1, len - 2) : sm_strdup(host);
}

static bool has_user(CURLU *handle)
{
    bool has = false;
    static const CURLUPart users[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS};
    for (size_t i = 0; i < sizeof users / sizeof *users; i++) {
        char *text = part(handle, users[i], 0);
        has |= text != NULL;
        curl_free(text);
    }
    return has;
}

bool sm_url_read(const char *text, struct sm_url *url)
{
    *url = (struct sm_url){0};
    CURLU *handle = curl_url();
    if (!handle)
        sm_out_of_memory();
    /* A scheme that is left out would be guessed by the one who sends, not here. */
    bool web = strncasecmp(text, "http://", 7) == 0 || strncasecmp(text, "https://", 8) == 0;
    bool ok = web && curl_url_set(handle, CURLUPART_URL, text, 0) == CURLUE_OK;
    char *scheme = ok ? part(handle, CURLUPART_SCHEME, 0) : NULL;
    char *host = ok ? part(handle, CURLUPART_HOST, 0) : NULL;
    char *port = ok ? part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT) : NULL;
    ok = scheme && host && *host && port;
    if (ok) {
        url->tls = strcasecmp(scheme, "https") == 0;
        url->host = plain_host(host);
        url->port = (unsigned)strtoul(port, NULL, 10);
        url->loopback = is_loopback(url->host);
        url->user = has_user(handle);
        url->query = strpbrk(text, "?#") != NULL; /* also one that is empty, which is no part */
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(handle);
    return ok;
}

void sm_url_release(struct sm_url *url)
{
    free(url->host);
    *url = (struct sm_url){0};
}

bool sm_url_is_private(const struct sm_url *url)
{
    return url->tls || url->loopback;
}
