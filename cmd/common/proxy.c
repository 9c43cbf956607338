#include "cmd/common/proxy.h"

#include "cmd/common/environment.h"
#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/io/url.h"

#include <stdbool.h>
#include <strings.h>

#define NAMES 4

/* Whether no_proxy lists the host, or a domain that it is in. */
static bool is_excepted(const char *host, size_t len)
{
    const char *list = env_variable("no_proxy");
    list = list ? list : env_variable("NO_PROXY");
    while (list && *list) {
        list += strspn(list, ", ");
        size_t n = strcspn(list, ", ");
        const char *name = list;
        list += n;
        if (n == 1 && *name == '*')
            return true;
        while (n && *name == '.') {
            name++;
            n--;
        }
        if (n && n <= len && strncasecmp(host + len - n, name, n) == 0 &&
            (n == len || host[len - n - 1] == '.'))
            return true;
    }
    return false;
}

/* Without the credentials before an @. */
static char *describe(const char *name, const char *value)
{
    struct sm_buf text = {0};
    const char *scheme = strstr(value, "://"), *at = strrchr(value, '@');
    int len = scheme && (!at || scheme < at) ? (int)(scheme + 3 - value) : 0;
    sm_buf_printf(&text, "%s (%.*s%s)", name, len, value, at ? at + 1 : value + len);
    return sm_buf_take(&text);
}

char *proxy_in_force(const char *url)
{
    static const char *const plain[NAMES] = {"http_proxy", "all_proxy", "ALL_PROXY"};
    static const char *const secure[NAMES] = {"https_proxy", "HTTPS_PROXY", "all_proxy",
                                              "ALL_PROXY"};
    const char *const *names = strncasecmp(url, "https:", 6) == 0 ? secure : plain;
    struct sm_url to;
    bool excepted = !sm_url_read(url, &to) || is_excepted(to.host, strlen(to.host));
    sm_url_release(&to);
    if (excepted)
        return NULL;
    for (int i = 0; i < NAMES && names[i]; i++) {
        const char *value = env_variable(names[i]);
        if (value)
            return describe(names[i], value);
    }
    return NULL;
}
