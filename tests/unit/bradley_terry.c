/* Compares strengths and their intervals with figures of scipy's. A line holds `wins`, a matrix of
 * how often each won against each, and the `prior`. */
#include "lib/eval/bradley_terry.h"

#include "vectors.h"

static void check_list(struct vectors *vectors, jv row, const char *name,
                       const struct sm_strength *strengths, size_t n, size_t offset)
{
    jv list = vectors_field(row, name);
    vectors_expect(vectors, vectors_length(list) == n, "%s: not %zu figures", name, n);
    for (size_t i = 0; i < n; i++) {
        double got = *(const double *)((const char *)&strengths[i] + offset);
        double expected = vectors_at(list, i);
        vectors_expect(vectors, fabs(got - expected) <= 1e-8 * (1 + fabs(expected)),
                       "%s of %zu: %.12g, not %.12g", name, i, got, expected);
    }
    jv_free(list);
}

static void check(struct vectors *vectors, jv row)
{
    jv rows = vectors_field(row, "wins");
    size_t n = vectors_length(rows);
    double *wins = calloc(n * n + 1, sizeof *wins);
    struct sm_strength *strengths = calloc(n + 1, sizeof *strengths);
    for (size_t i = 0; i < n; i++) {
        jv line = jv_array_get(jv_copy(rows), (int)i);
        for (size_t k = 0; k < n; k++)
            wins[i * n + k] = vectors_at(line, k);
        jv_free(line);
    }
    sm_bradley_terry(wins, n, vectors_number(vectors_field(row, "prior")), strengths);
    check_list(vectors, row, "score", strengths, n, offsetof(struct sm_strength, score));
    check_list(vectors, row, "low", strengths, n, offsetof(struct sm_strength, low));
    check_list(vectors, row, "high", strengths, n, offsetof(struct sm_strength, high));
    free(wins);
    free(strengths);
    jv_free(rows);
}

int main(void)
{
    return vectors_run(check);
}
