#include "cmd/common/listener.h"

#include "lib/base/mem.h"
#include "lib/base/owner.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#define LISTENS 0x0a /* TCP_LISTEN, as the kernel numbers states */

/* The addresses that a connection to a host of this machine may go to. */
struct targets {
    struct in_addr four;
    struct in6_addr six;
    bool has_four, has_six;
};

static struct targets find_targets(const char *host)
{
    struct targets to = {.four.s_addr = htonl(INADDR_LOOPBACK), .six = IN6ADDR_LOOPBACK_INIT};
    struct in6_addr six;
    to.has_four = inet_pton(AF_INET, host, &to.four) == 1;
    to.has_six = inet_pton(AF_INET6, host, &six) == 1;
    if (to.has_six && IN6_IS_ADDR_V4MAPPED(&six)) {
        memcpy(&to.four, six.s6_addr + 12, sizeof to.four);
        to.has_four = true;
        to.has_six = false;
    }
    if (!strchr(host, ':') && !to.has_four)
        to.has_four = to.has_six = true; /* a name: localhost */
    return to;
}

/* Whether a socket at this address, as the kernel prints it, gets connections to a target. */
static bool receives(const struct targets *to, const char *address)
{
    struct in6_addr bound = {0};
    uint32_t words[4] = {0};
    int n = sscanf(address, "%8x%8x%8x%8x", &words[0], &words[1], &words[2], &words[3]);
    if (n == 1)
        return to->has_four && (words[0] == INADDR_ANY || words[0] == to->four.s_addr);
    memcpy(&bound, words, sizeof bound);
    if (IN6_IS_ADDR_UNSPECIFIED(&bound))
        return true; /* of both families, mostly */
    if (IN6_IS_ADDR_V4MAPPED(&bound))
        return to->has_four && memcmp(bound.s6_addr + 12, &to->four, sizeof to->four) == 0;
    return to->has_six && memcmp(&bound, &to->six, sizeof bound) == 0;
}

static bool find_in(const char *table, const struct targets *to, unsigned port, uid_t *owner)
{
    char line[512], address[64];
    unsigned bound, state, uid;
    bool found = false;
    FILE *file = fopen(table, "re");
    while (file && !found && fgets(line, sizeof line, file)) {
        if (sscanf(line, " %*u: %63[0-9A-Fa-f]:%x %*s %x %*s %*s %*s %u", address, &bound, &state,
                   &uid) != 4)
            continue;
        found = state == LISTENS && bound == port && !sm_owner_is_trusted((uid_t)uid) &&
                receives(to, address);
        *owner = (uid_t)uid;
    }
    if (file)
        fclose(file);
    return found;
}

bool listener_is_foreign(const struct sm_url *url, uid_t *owner)
{
    struct targets to = find_targets(url->host);
    return find_in("/proc/net/tcp", &to, url->port, owner) ||
           find_in("/proc/net/tcp6", &to, url->port, owner);
}
