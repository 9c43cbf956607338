/* Members of a request that must not be there: they take it elsewhere, or cost more than is
 * reckoned. */
#ifndef CMD_COMMON_MEMBERS_CHECK_H
#define CMD_COMMON_MEMBERS_CHECK_H

#include "cmd/common/client.h"

/* Looks at an object, borrowed, of a request's line or of --body and --set. False with `err`, of
 * exit status `code`, that names the member. */
bool members_check(jv members, const struct client_options *set, int code, struct sm_err *err);

#endif
