#include "cmd/common/listener.h"

#include "lib/base/mem.h"
#include "lib/base/owner.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#if __has_include(<linux/inet_diag.h>)
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#define HAS_SOCK_DIAG 1
#endif

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

/* Whether a socket bound to `bound` gets connections to a target. */
static bool receives_six(const struct targets *to, const struct in6_addr *bound)
{
    if (IN6_IS_ADDR_UNSPECIFIED(bound))
        return true; /* of both families, mostly */
    if (IN6_IS_ADDR_V4MAPPED(bound))
        return to->has_four && memcmp(bound->s6_addr + 12, &to->four, sizeof to->four) == 0;
    return to->has_six && memcmp(bound, &to->six, sizeof *bound) == 0;
}

static bool receives_four(const struct targets *to, in_addr_t bound)
{
    return to->has_four && (bound == INADDR_ANY || bound == to->four.s_addr);
}

/* In the kernel's table, which is made of all connections: slow where there may be many. */
static bool find_in(const char *table, const struct targets *to, unsigned port, uid_t *owner)
{
    char line[512];
    unsigned bound, state, uid;
    bool found = false;
    FILE *file = fopen(table, "re");
    while (file && !found && fgets(line, sizeof line, file)) {
        char address[64];
        uint32_t words[4] = {0};
        struct in6_addr six;
        if (sscanf(line, " %*u: %63[0-9A-Fa-f]:%x %*s %x %*s %*s %*s %u", address, &bound, &state,
                   &uid) != 4)
            continue;
        int n = sscanf(address, "%8x%8x%8x%8x", &words[0], &words[1], &words[2], &words[3]);
        memcpy(&six, words, sizeof six);
        found = state == LISTENS && bound == port && !sm_owner_is_trusted((uid_t)uid) &&
                (n == 1 ? receives_four(to, words[0]) : receives_six(to, &six));
        *owner = (uid_t)uid;
    }
    if (file)
        fclose(file);
    return found;
}

#ifdef HAS_SOCK_DIAG
enum found { NOT_TOLD, NOT_FOUND, FOUND };

static bool is_found(const struct targets *to, const struct inet_diag_msg *told, uid_t *owner)
{
    struct in6_addr six;
    memcpy(&six, told->id.idiag_src, sizeof six);
    *owner = told->idiag_uid;
    return !sm_owner_is_trusted(told->idiag_uid) &&
           (told->idiag_family == AF_INET ? receives_four(to, told->id.idiag_src[0])
                                          : receives_six(to, &six));
}

/* Whether the kernel ends with what it has told, and not with an error. */
static bool is_whole(const struct nlmsghdr *end)
{
    int error = -1;
    if (end->nlmsg_len >= NLMSG_LENGTH(sizeof error))
        memcpy(&error, NLMSG_DATA(end), sizeof error);
    return error >= 0;
}

/* Reads the kernel's answers until it has told all. */
static enum found read_told(int fd, const struct targets *to, uid_t *owner)
{
    _Alignas(struct nlmsghdr) char bytes[16384];
    for (enum found found = NOT_FOUND;;) {
        ssize_t n = recv(fd, bytes, sizeof bytes, 0);
        if (n <= 0)
            return NOT_TOLD;
        unsigned left = (unsigned)n;
        for (struct nlmsghdr *head = (struct nlmsghdr *)bytes; NLMSG_OK(head, left);
             head = NLMSG_NEXT(head, left)) {
            if (head->nlmsg_type == NLMSG_DONE)
                return is_whole(head) ? found : NOT_TOLD;
            if (head->nlmsg_type != SOCK_DIAG_BY_FAMILY ||
                head->nlmsg_len < NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
                return NOT_TOLD;
            if (found != FOUND && is_found(to, NLMSG_DATA(head), owner))
                found = FOUND;
        }
    }
}

/* Asks the kernel for those who listen on `port` alone: sock_diag(7). */
static enum found ask(int family, const struct targets *to, unsigned port, uid_t *owner)
{
    struct {
        struct nlmsghdr head;
        struct inet_diag_req_v2 body;
    } question = {{.nlmsg_len = sizeof question,
                   .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
                  {.sdiag_family = (uint8_t)family,
                   .sdiag_protocol = IPPROTO_TCP,
                   .idiag_states = 1U << LISTENS,
                   .id.idiag_sport = htons((uint16_t)port)}};
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    enum found found = NOT_TOLD;
    if (fd >= 0 && send(fd, &question, sizeof question, 0) == (ssize_t)sizeof question)
        found = read_told(fd, to, owner);
    if (fd >= 0)
        close(fd);
    return found;
}
#endif

bool listener_is_foreign(const struct sm_url *url, uid_t *owner)
{
    struct targets to = find_targets(url->host);
#ifdef HAS_SOCK_DIAG
    enum found four = ask(AF_INET, &to, url->port, owner);
    if (four == FOUND)
        return true;
    enum found six = ask(AF_INET6, &to, url->port, owner);
    if (six == FOUND || (four == NOT_FOUND && six == NOT_FOUND))
        return six == FOUND;
#endif
    return find_in("/proc/net/tcp", &to, url->port, owner) ||
           find_in("/proc/net/tcp6", &to, url->port, owner);
}
