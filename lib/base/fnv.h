/* FNV-1a of 64 bits (Fowler, Noll and Vo): a quick digest of bytes, the same everywhere, for tables
 * and for choices that are to depend on a text alone. Not for keys that somebody might want to be
 * alike. */
#ifndef SM_BASE_FNV_H
#define SM_BASE_FNV_H

#include <stddef.h>
#include <stdint.h>

#define SM_FNV_START UINT64_C(0xcbf29ce484222325)

/* The digest of what `hash` is the digest of, with these bytes behind it. */
static inline uint64_t sm_fnv(uint64_t hash, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

#endif
