/* Random numbers of CPython's random.Random, bit for bit, so that a seed draws the same splits,
 * orders and candidate sets here as in Python.
 *
 * The generator is MT19937: M. Matsumoto and T. Nishimura, "Mersenne Twister: A 623-dimensionally
 * equidistributed uniform pseudo-random number generator", ACM Transactions on Modeling and
 * Computer Simulation 8(1), 1998, pp. 3-30, with the authors' seeding by array of 2002. What is
 * drawn from it follows CPython 3.11. */
#ifndef SM_BASE_RNG_H
#define SM_BASE_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nothing to free; copied by assignment; unusable before sm_rng_seed(). */
struct sm_rng {
    uint32_t state[624];
    unsigned next; /* index of the first word not yet handed out */
};

/* Random(seed). A negative seed equals its absolute value. */
void sm_rng_seed(struct sm_rng *rng, int64_t seed);

/* getrandbits(count), `count` from 1 to 64. */
uint64_t sm_rng_bits(struct sm_rng *rng, unsigned count);

/* Its random: 53 bits in [0, 1). */
double sm_rng_double(struct sm_rng *rng);

/* randrange(n): uniform in [0, n). For n = 0 it returns 0 and draws nothing. */
uint64_t sm_rng_below(struct sm_rng *rng, uint64_t n);

/* randint(low, high), both ends included. Requires low <= high, and less than the whole range of
 * int64_t between them. */
int64_t sm_rng_int(struct sm_rng *rng, int64_t low, int64_t high);

/* choice([True, False]). */
bool sm_rng_bool(struct sm_rng *rng);

/* shuffle(items), in place. */
void sm_rng_shuffle(struct sm_rng *rng, size_t *items, size_t n);

/* sample(range(n), min(k, n)): writes distinct numbers below `n` to `out`, which has room for
 * min(k, n), and returns how many. Allocates up to `n` values of size_t while it runs. */
size_t sm_rng_sample(struct sm_rng *rng, size_t n, size_t k, size_t *out);

#endif
