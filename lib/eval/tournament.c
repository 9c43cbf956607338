#include "lib/eval/tournament.h"

#include "lib/base/mem.h"
#include "lib/base/rng.h"

#include <stdint.h>

enum cell { FREE, HANDED_OUT, KNOWN }; /* KNOWN + an enum sm_result */

/* Every result runs the mode's algorithm again from its beginning. It gets as far as results are
 * known; those that it misses become `wanted`. */
struct sm_tournament {
    enum sm_tournament_mode mode;
    size_t n;
    uint8_t *cells;          /* by a * n + b, a < b */
    bool *a_first;           /* the same */
    struct sm_match *wanted; /* those from `given` on are not handed out yet */
    size_t wanted_count, given;
    struct sm_match *played;
    size_t played_count;
    size_t *order, *scratch;
    size_t least, most; /* of the comparisons that cannot be named yet */
    bool done;
};

static uint8_t *cell(const struct sm_tournament *t, struct sm_match match)
{
    return &t->cells[match.a * t->n + match.b];
}

/* True if the result of the two is known; else it becomes wanted. */
static bool consult(struct sm_tournament *t, size_t a, size_t b)
{
    struct sm_match match = {a, b};
    uint8_t *state = cell(t, match);
    if (*state >= KNOWN) {
        t->played[t->played_count++] = match;
        return true;
    }
    if (*state == FREE)
        t->wanted[t->wanted_count++] = match;
    *state = HANDED_OUT;
    return false;
}

enum sm_result sm_tournament_result(const struct sm_tournament *t, struct sm_match match)
{
    return (enum sm_result)(*cell(t, match) - KNOWN);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The best of [low, high) goes to t->order[low]. */
static bool knock_out(struct sm_tournament *t, size_t low, size_t high)
{
    if (high - low < 2)
        return true;
    size_t mid = low + (high - low) / 2;
    bool left = knock_out(t, low, mid), right = knock_out(t, mid, high);
    if (!left || !right) {
        t->least++;
        t->most++;
        return false;
    }
    struct sm_match match = {t->order[low], t->order[mid]};
    if (!consult(t, match.a, match.b))
        return false;
    if (sm_tournament_result(t, match) == SM_B_WON)
        t->order[low] = match.b;
    return true;
}

/* Sorts t->order[low..high). Numbers in the left half are smaller than those in the right one. */
static bool merge_sort(struct sm_tournament *t, size_t low, size_t high)
{
    if (high - low < 2)
        return true;
    size_t mid = low + (high - low) / 2, i = low, k = mid, out = low;
    bool left = merge_sort(t, low, mid), right = merge_sort(t, mid, high);
    if (!left || !right) {
        t->least += smaller(mid - low, high - mid);
        t->most += high - low - 1;
        return false;
    }
    while (i < mid && k < high) {
        struct sm_match match = {t->order[i], t->order[k]};
        if (!consult(t, match.a, match.b)) {
            t->least += smaller(mid - i, high - k) - 1;
            t->most += mid - i + high - k - 2;
            return false;
        }
        bool b_first = sm_tournament_result(t, match) == SM_B_WON;
        t->scratch[out++] = b_first ? t->order[k++] : t->order[i++];
    }
    while (i < mid)
        t->scratch[out++] = t->order[i++];
    for (size_t at = low; at < out; at++)
        t->order[at] = t->scratch[at];
    return true;
}

/* In half points. */
static size_t score(const struct sm_tournament *t, size_t i)
{
    double sum = 0;
    for (size_t k = 0; k < t->n; k++)
        sum += k == i ? 0 : sm_tournament_points(t, i, k);
    return (size_t)(2 * sum);
}

/* Sorts by Bradley-Terry scores too: where each met each, these rise with the points. */
static void sort_by_points(struct sm_tournament *t)
{
    for (size_t i = 0; i < t->n; i++)
        t->scratch[i] = score(t, i);
    for (size_t i = 1; i < t->n; i++) {
        size_t one = t->order[i], at = i;
        for (; at > 0 && t->scratch[t->order[at - 1]] < t->scratch[one]; at--)
            t->order[at] = t->order[at - 1];
        t->order[at] = one;
    }
}

static bool round_robin(struct sm_tournament *t)
{
    bool all = true;
    for (size_t a = 0; a < t->n; a++) {
        for (size_t b = a + 1; b < t->n; b++)
            all &= consult(t, a, b);
    }
    if (all)
        sort_by_points(t);
    return all;
}

static void run_mode(struct sm_tournament *t)
{
    t->played_count = t->least = t->most = 0;
    for (size_t i = 0; i < t->n; i++)
        t->order[i] = i;
    t->done = t->mode == SM_KNOCKOUT     ? knock_out(t, 0, t->n)
              : t->mode == SM_MERGE_SORT ? merge_sort(t, 0, t->n)
                                         : round_robin(t);
}

struct sm_tournament *sm_tournament_open(enum sm_tournament_mode mode, size_t n, int64_t seed)
{
    struct sm_tournament *t = sm_alloc(1, sizeof *t);
    size_t pairs = n * (n - 1) / 2 + 1;
    *t = (struct sm_tournament){
        .mode = mode,
        .n = n,
        .cells = sm_alloc(n * n, 1),
        .a_first = sm_alloc(n * n, sizeof *t->a_first),
        .wanted = sm_alloc(pairs, sizeof *t->wanted),
        .played = sm_alloc(pairs, sizeof *t->played),
        .order = sm_alloc(n, sizeof *t->order),
        .scratch = sm_alloc(n, sizeof *t->scratch),
    };
    struct sm_rng rng;
    sm_rng_seed(&rng, seed);
    for (size_t i = 0; i < n * n; i++)
        t->a_first[i] = sm_rng_bool(&rng);
    run_mode(t);
    return t;
}

void sm_tournament_close(struct sm_tournament *t)
{
    if (!t)
        return;
    free(t->cells);
    free(t->a_first);
    free(t->wanted);
    free(t->played);
    free(t->order);
    free(t->scratch);
    free(t);
}

bool sm_tournament_next(struct sm_tournament *t, struct sm_match *match)
{
    if (t->given == t->wanted_count)
        return false;
    *match = t->wanted[t->given++];
    return true;
}

bool sm_tournament_a_first(const struct sm_tournament *t, struct sm_match match)
{
    return t->a_first[match.a * t->n + match.b];
}

void sm_tournament_tell(struct sm_tournament *t, struct sm_match match, enum sm_result result)
{
    *cell(t, match) = (uint8_t)(KNOWN + result);
    run_mode(t);
}

void sm_tournament_rest(const struct sm_tournament *t, size_t *least, size_t *most)
{
    *least = t->least + t->wanted_count - t->given;
    *most = t->most + t->wanted_count - t->given;
}

bool sm_tournament_done(const struct sm_tournament *t)
{
    return t->done;
}

const size_t *sm_tournament_order(const struct sm_tournament *t)
{
    return t->order;
}

const struct sm_match *sm_tournament_played(const struct sm_tournament *t, size_t *count)
{
    *count = t->played_count;
    return t->played;
}

double sm_tournament_points(const struct sm_tournament *t, size_t i, size_t against)
{
    struct sm_match match = {smaller(i, against), i < against ? against : i};
    enum sm_result result = sm_tournament_result(t, match);
    return result == SM_DRAWN ? 0.5 : (result == SM_A_WON) == (i == match.a) ? 1 : 0;
}

static bool beats(const struct sm_tournament *t, size_t i, size_t k)
{
    return i != k && sm_tournament_points(t, i, k) == 1;
}

size_t sm_tournament_triples(const struct sm_tournament *t)
{
    size_t count = 0;
    for (size_t i = 0; i < t->n; i++) { /* i: the smallest number of the three */
        for (size_t j = i + 1; j < t->n; j++) {
            for (size_t k = i + 1; beats(t, i, j) && k < t->n; k++)
                count += beats(t, j, k) && beats(t, k, i);
        }
    }
    return count;
}

/* The shortest ring through `start`, by breadth-first search; t's scratch is the queue. */
static size_t ring_through(const struct sm_tournament *t, size_t start, size_t *from, size_t *ring)
{
    size_t *queue = t->scratch, head = 0, tail = 0, length = 0;
    for (size_t i = 0; i < t->n; i++)
        from[i] = t->n; /* not reached */
    queue[tail++] = start;
    while (head < tail) {
        size_t i = queue[head++];
        if (beats(t, i, start)) {
            for (size_t at = i; at != start; at = from[at])
                ring[length++] = at;
            ring[length++] = start;
            return length;
        }
        for (size_t k = 0; k < t->n; k++) {
            if (k == start || from[k] != t->n || !beats(t, i, k))
                continue;
            from[k] = i;
            queue[tail++] = k;
        }
    }
    return 0;
}

size_t sm_tournament_ring(const struct sm_tournament *t, size_t *ring)
{
    size_t *from = sm_alloc(t->n, sizeof *from), *found = sm_alloc(t->n, sizeof *found);
    size_t shortest = 0;
    for (size_t start = 0; start < t->n && shortest != 3; start++) {
        size_t length = ring_through(t, start, from, found);
        if (length == 0 || (shortest && length >= shortest))
            continue;
        shortest = length;
        for (size_t i = 0; i < length; i++) /* it was walked backwards */
            ring[i] = found[length - 1 - i];
    }
    free(from);
    free(found);
    return shortest;
}
