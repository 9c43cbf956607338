/* Who listens on this machine, where another user may have taken the port. */
#ifndef CMD_COMMON_LISTENER_H
#define CMD_COMMON_LISTENER_H

#include "lib/io/url.h"

#include <sys/types.h>

/* Whether a user who is neither oneself nor root listens where `url`, of this machine, leads to;
 * *owner is that one. False too where the system does not tell (Linux does: sock_diag(7), else
 * /proc/net/tcp). */
bool listener_is_foreign(const struct sm_url *url, uid_t *owner);

#endif
