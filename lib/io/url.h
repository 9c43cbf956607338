/* URLs of servers, read by libcurl's own parser: what is decided about one holds for where libcurl
 * then goes. */
#ifndef SM_IO_URL_H
#define SM_IO_URL_H

#include <stdbool.h>

struct sm_url {
    char *host; /* decoded, an IPv4 address in four decimal numbers, IPv6 without brackets */
    unsigned port;
    bool tls;
    bool loopback; /* the host is this machine by name (localhost) or by address (127.0.0.0/8, ::1)
                    */
    bool user;     /* it holds a name or password */
    bool query;    /* or a query or fragment */
};

/* Reads an http:// or https:// URL. False if it is none. Release it either way. */
bool sm_url_read(const char *text, struct sm_url *url);
void sm_url_release(struct sm_url *url);

/* Whether nobody on the way can read what is sent: it is encrypted, or stays on this machine. */
bool sm_url_is_private(const struct sm_url *url);

#endif
