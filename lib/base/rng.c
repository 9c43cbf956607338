#include "lib/base/rng.h"

#include "lib/base/mem.h"

#include <stdlib.h>

enum { WORDS = 624, AHEAD = 397 };

static uint32_t fold(uint32_t word)
{
    return word ^ word >> 30;
}

/* The next slot of the walk that seeding takes. Slot 0 only carries the last word over. */
static size_t seed_step(uint32_t *state, size_t at)
{
    if (at + 1 < WORDS)
        return at + 1;
    state[0] = state[WORDS - 1];
    return 1;
}

void sm_rng_seed(struct sm_rng *rng, int64_t seed)
{
    uint64_t size = seed < 0 ? 0 - (uint64_t)seed : (uint64_t)seed;
    const uint32_t key[] = {(uint32_t)size, (uint32_t)(size >> 32)};
    size_t key_len = key[1] ? 2 : 1;
    uint32_t *state = rng->state;

    state[0] = 19650218;
    for (uint32_t i = 1; i < WORDS; i++)
        state[i] = UINT32_C(1812433253) * fold(state[i - 1]) + i;
    size_t at = 1;
    for (size_t step = 0; step < WORDS; step++) {
        uint32_t which = (uint32_t)(step % key_len);
        state[at] = (state[at] ^ fold(state[at - 1]) * UINT32_C(1664525)) + key[which] + which;
        at = seed_step(state, at);
    }
    for (size_t step = 1; step < WORDS; step++) {
        state[at] = (state[at] ^ fold(state[at - 1]) * UINT32_C(1566083941)) - (uint32_t)at;
        at = seed_step(state, at);
    }
    state[0] = UINT32_C(1) << 31;
    rng->next = WORDS;
}

static uint32_t twist(uint32_t high, uint32_t low)
{
    uint32_t joined = (high & UINT32_C(0x80000000)) | (low & UINT32_C(0x7fffffff));
    return joined >> 1 ^ ((0 - (low & 1)) & UINT32_C(0x9908b0df));
}

static void renew(struct sm_rng *rng)
{
    uint32_t *state = rng->state;
    size_t i = 0;
    for (; i < WORDS - AHEAD; i++)
        state[i] = state[i + AHEAD] ^ twist(state[i], state[i + 1]);
    for (; i < WORDS - 1; i++)
        state[i] = state[i + AHEAD - WORDS] ^ twist(state[i], state[i + 1]);
    state[i] = state[i + AHEAD - WORDS] ^ twist(state[i], state[0]);
    rng->next = 0;
}

/* 32 bits, the generator's own unit. */
static uint32_t next_word(struct sm_rng *rng)
{
    if (rng->next >= WORDS)
        renew(rng);
    uint32_t word = rng->state[rng->next++];
    word ^= word >> 11;
    word ^= word << 7 & UINT32_C(0x9d2c5680);
    word ^= word << 15 & UINT32_C(0xefc60000);
    return word ^ word >> 18;
}

uint64_t sm_rng_bits(struct sm_rng *rng, unsigned count)
{
    if (count <= 32)
        return next_word(rng) >> (32 - count);
    uint64_t low = next_word(rng);
    uint64_t high = next_word(rng) >> (64 - count);
    return high << 32 | low;
}

double sm_rng_double(struct sm_rng *rng)
{
    uint64_t high = next_word(rng) >> 5;
    uint64_t low = next_word(rng) >> 6;
    return (double)(high << 26 | low) * 0x1p-53;
}

uint64_t sm_rng_below(struct sm_rng *rng, uint64_t n)
{
    if (n == 0)
        return 0;
    unsigned width = 0;
    for (uint64_t rest = n; rest; rest >>= 1)
        width++;
    uint64_t drawn;
    do
        drawn = sm_rng_bits(rng, width);
    while (drawn >= n);
    return drawn;
}

int64_t sm_rng_int(struct sm_rng *rng, int64_t low, int64_t high)
{
    uint64_t width = (uint64_t)high - (uint64_t)low + 1;
    return (int64_t)((uint64_t)low + sm_rng_below(rng, width));
}

bool sm_rng_bool(struct sm_rng *rng)
{
    return sm_rng_below(rng, 2) == 0;
}

void sm_rng_shuffle(struct sm_rng *rng, size_t *items, size_t n)
{
    for (size_t left = n; left > 1; left--) {
        size_t drawn = (size_t)sm_rng_below(rng, left);
        size_t moved = items[left - 1];
        items[left - 1] = items[drawn];
        items[drawn] = moved;
    }
}

/* The largest population that CPython samples from a pool: its estimate of the cost of a set of `k`
 * numbers is 21 plus the least power of 4 that is at least 3k. */
static size_t pool_limit(size_t k)
{
    if (k <= 5)
        return 21;
    size_t power = 1;
    while (power / 3 < k && power <= SIZE_MAX / 8)
        power *= 4;
    return 21 + power;
}

static void sample_pool(struct sm_rng *rng, size_t n, size_t k, size_t *out)
{
    size_t *pool = sm_alloc(n, sizeof *pool);
    for (size_t i = 0; i < n; i++)
        pool[i] = i;
    for (size_t i = 0; i < k; i++) {
        size_t drawn = (size_t)sm_rng_below(rng, n - i);
        out[i] = pool[drawn];
        pool[drawn] = pool[n - i - 1];
    }
    free(pool);
}

static void sample_set(struct sm_rng *rng, size_t n, size_t k, size_t *out)
{
    bool *taken = sm_alloc(n, sizeof *taken);
    for (size_t i = 0; i < k; i++) {
        do
            out[i] = (size_t)sm_rng_below(rng, n);
        while (taken[out[i]]);
        taken[out[i]] = true;
    }
    free(taken);
}

size_t sm_rng_sample(struct sm_rng *rng, size_t n, size_t k, size_t *out)
{
    if (k > n)
        k = n;
    if (n <= pool_limit(k))
        sample_pool(rng, n, k, out);
    else
        sample_set(rng, n, k, out);
    return k;
}
