#include "lib/base/shard.h"

#include "lib/base/fnv.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SHARDS_MAX 1000000

/* The digits at *text; -1 if there are none or too many. */
static long take_number(const char **text)
{
    char *end;
    errno = 0;
    long number = **text >= '0' && **text <= '9' ? strtol(*text, &end, 10) : -1;
    if (number >= 0)
        *text = end;
    return errno ? -1 : number;
}

bool sm_shard_parse(const char *text, struct sm_shard *shard, struct sm_err *err)
{
    const char *at = text;
    long k = take_number(&at);
    long n = k >= 0 && *at++ == '/' ? take_number(&at) : -1;
    if (n < 1 || n > SHARDS_MAX || k > n || *at != '\0')
        return sm_err_set(err, SM_EXIT_USAGE,
                          "give the number of the share and how many there are, such as 2/8",
                          "--shard %.40s: not K/N", text);
    *shard = (struct sm_shard){(size_t)k, (size_t)n};
    return true;
}

bool sm_shard_has(const struct sm_shard *shard, const char *user)
{
    if (shard->n == 0)
        return true;
    if (!user)
        return shard->k % shard->n == 0;
    uint64_t digest = sm_fnv(SM_FNV_START, user, strlen(user));
    digest = (digest ^ digest >> 32) & UINT32_MAX;
    return digest % shard->n == shard->k % shard->n;
}
