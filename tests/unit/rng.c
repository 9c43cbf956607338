/* Compares the random numbers with CPython's: each field of a line is from a fresh generator. */
#include "lib/base/rng.h"

#include "vectors.h"

static struct sm_rng fresh(const struct vectors *vectors)
{
    const char *seed = vectors_raw(vectors, "\"seed\"");
    struct sm_rng rng;
    sm_rng_seed(&rng, seed ? strtoll(seed, NULL, 10) : 0);
    return rng;
}

static void check_positions(struct vectors *vectors, jv row, const char *name, const size_t *got,
                            size_t count)
{
    jv expected = vectors_field(row, name);
    bool same = vectors_length(expected) == count;
    for (size_t i = 0; same && i < count; i++)
        same = vectors_at(expected, i) == (double)got[i];
    vectors_expect(vectors, same, "%s differs", name);
    jv_free(expected);
}

static void check_shuffle(struct vectors *vectors, jv row, size_t n)
{
    struct sm_rng rng = fresh(vectors);
    size_t *items = calloc(n + 1, sizeof *items);
    for (size_t i = 0; i < n; i++)
        items[i] = i;
    sm_rng_shuffle(&rng, items, n);
    check_positions(vectors, row, "shuffle", items, n);
    free(items);
}

static void check_sample(struct vectors *vectors, jv row, const char *name, size_t n, size_t k)
{
    struct sm_rng rng = fresh(vectors);
    size_t *out = calloc(n + 1, sizeof *out);
    size_t count = sm_rng_sample(&rng, n, k, out);
    check_positions(vectors, row, name, out, count);
    free(out);
}

static void check_randint(struct vectors *vectors, jv list, int64_t n)
{
    struct sm_rng rng = fresh(vectors);
    for (size_t i = 0; i < vectors_length(list); i++)
        vectors_expect(vectors, (double)sm_rng_int(&rng, 1, n) == vectors_at(list, i),
                       "randint_1_n[%zu] differs", i);
    jv_free(list);
}

static void check_choice(struct vectors *vectors, jv list)
{
    struct sm_rng rng = fresh(vectors);
    for (size_t i = 0; i < vectors_length(list); i++) {
        jv expected = jv_array_get(jv_copy(list), (int)i);
        jv_kind kind = sm_rng_bool(&rng) ? JV_KIND_TRUE : JV_KIND_FALSE;
        vectors_expect(vectors, jv_get_kind(expected) == kind, "choice_true_false[%zu] differs", i);
        jv_free(expected);
    }
    jv_free(list);
}

static void check_random(struct vectors *vectors, jv list)
{
    struct sm_rng rng = fresh(vectors);
    for (size_t i = 0; i < vectors_length(list); i++)
        vectors_expect(vectors, sm_rng_double(&rng) == vectors_at(list, i), "random[%zu] differs",
                       i);
    jv_free(list);
}

static void check_bits(struct vectors *vectors)
{
    static const unsigned widths[] = {1, 5, 31, 32, 33, 64};
    const char *text = vectors_raw(vectors, "\"getrandbits_1_5_31_32_33_64\"");
    struct sm_rng rng = fresh(vectors);
    for (size_t i = 0; text && i < sizeof widths / sizeof *widths; i++) {
        char *end;
        uint64_t expected = strtoull(text, &end, 10);
        bool same = end != text && sm_rng_bits(&rng, widths[i]) == expected;
        vectors_expect(vectors, same, "getrandbits(%u) differs", widths[i]);
        text = end + strspn(end, ", ");
    }
}

static void check(struct vectors *vectors, jv row)
{
    size_t n = (size_t)vectors_number(vectors_field(row, "n"));
    if (vectors_has(row, "shuffle"))
        check_shuffle(vectors, row, n);
    if (vectors_has(row, "sample4"))
        check_sample(vectors, row, "sample4", n, 4);
    if (vectors_has(row, "sample"))
        check_sample(vectors, row, "sample", n, (size_t)vectors_number(vectors_field(row, "k")));
    if (vectors_has(row, "randint_1_n"))
        check_randint(vectors, vectors_field(row, "randint_1_n"), (int64_t)n);
    check_choice(vectors, vectors_field(row, "choice_true_false"));
    check_random(vectors, vectors_field(row, "random"));
    check_bits(vectors);
}

int main(void)
{
    return vectors_run(check);
}
