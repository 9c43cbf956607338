/* Members of a request that the user writes: --body and --set. */
#ifndef CMD_COMMON_MEMBERS_H
#define CMD_COMMON_MEMBERS_H

#include "lib/base/err.h"
#include "lib/io/opt.h"

#include <jv.h>
#include <stdbool.h>

/* Reads the object in `file` (NULL: none), then "NAME=VALUE" of each of `texts`, into *members, for
 * the caller to free; an empty object if there is nothing. False with `err` if one cannot be read,
 * or must not be set. */
bool members_read(const char *file, const struct sm_string_list *texts, jv *members,
                  struct sm_err *err);

#endif
