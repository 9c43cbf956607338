#include "tests/mock/chance.h"

#include <string.h>

/* FNV-1a */
static uint64_t add(uint64_t hash, const void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * 1099511628211u;
    return hash;
}

/* Bits that differ anywhere make all differ: the finalizer of MurmurHash3. */
static uint64_t mix(uint64_t hash)
{
    hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdu;
    hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53u;
    return hash ^ hash >> 33;
}

uint64_t chance_begin(const char *salt, const char *text, struct chance_of of)
{
    double varied[] = {of.temperature, of.seed, of.sample};
    uint64_t hash = add(14695981039346656037u, salt, strlen(salt) + 1);
    hash = add(hash, text, strlen(text));
    return mix(add(hash, varied, sizeof varied));
}

double chance(uint64_t begin, const char *purpose, size_t number)
{
    uint64_t hash = add(begin, purpose, strlen(purpose));
    return (double)(mix(add(hash, &number, sizeof number)) >> 11) * 0x1p-53;
}
