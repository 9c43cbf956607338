/* Members of a request that the user writes: --body and --set. */
#ifndef CMD_COMMON_MEMBERS_H
#define CMD_COMMON_MEMBERS_H

#include "cmd/common/client.h"

/* Reads the object in --body, then the "NAME=VALUE" of each --set, into *members, for the caller to
 * free; an empty object if there is nothing. False with `err` if one cannot be read, or must not be
 * set. */
bool members_read(const struct client_options *set, jv *members, struct sm_err *err);

#endif
