/* A share of the users, for one of several machines: which users it has depends on their ids alone.
 */
#ifndef SM_BASE_SHARD_H
#define SM_BASE_SHARD_H

#include "lib/base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Share number `k` of `n`; all-zero: everybody. */
struct sm_shard {
    size_t k, n;
};

/* Reads "K/N", N from 1 to a million and K from 0 to N: shares are numbered from 0 or from 1, and
 * share 0 is share N. False with `err` (SM_EXIT_USAGE) if it is none. */
bool sm_shard_parse(const char *text, struct sm_shard *shard, struct sm_err *err);

/* Whether `user` is of the share: the digest of its bytes (FNV-1a, 64 bits, its halves xored)
 * modulo N is K modulo N. What belongs to nobody (NULL) is of share 0. */
bool sm_shard_has(const struct sm_shard *shard, const char *user);

#endif
