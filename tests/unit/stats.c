/* Compares intervals and tests with figures of scipy's. A line holds `values`, or `n` of which
 * `successes` are 1, or the counts of a McNemar test; null stands for "no figure". */
#include "stats.h"

#include "vectors.h"

enum { SEED = 1 };

static bool near(double got, double expected, double tolerance)
{
    if (isnan(expected))
        return isnan(got);
    return fabs(got - expected) <= tolerance;
}

static void check_figure(struct vectors *vectors, jv row, const char *name, double got)
{
    if (!vectors_has(row, name))
        return;
    double expected = vectors_number(vectors_field(row, name));
    vectors_expect(vectors, near(got, expected, 1e-9 * fabs(expected)), "%s: %.17g, not %.17g",
                   name, got, expected);
}

static void check_bound(struct vectors *vectors, double got, double expected, double tolerance,
                        const char *name, const char *side)
{
    vectors_expect(vectors, near(got, expected, tolerance), "%s %s: %.17g, not %.17g +- %g", name,
                   side, got, expected, tolerance);
}

static void check_interval(struct vectors *vectors, jv row, const char *name, struct sm_ci got)
{
    if (!vectors_has(row, name))
        return;
    jv expected = vectors_field(row, name);
    check_bound(vectors, got.low, vectors_at(expected, 0), 1e-9, name, "low");
    check_bound(vectors, got.high, vectors_at(expected, 1), 1e-9, name, "high");
    jv_free(expected);
}

/* Resampling spreads a bound over random states by its `sd`; over 0/1 values it also moves in steps
 * of 1/n. */
static void check_bootstrap(struct vectors *vectors, jv row, size_t n, const char *name,
                            struct sm_ci got)
{
    jv expected = vectors_field(row, "bootstrap_basic");
    if (jv_get_kind(expected) == JV_KIND_OBJECT) {
        double step = 1 / (double)n + 1e-9;
        double low_sd = vectors_number(vectors_field(expected, "low_sd"));
        double high_sd = vectors_number(vectors_field(expected, "high_sd"));
        check_bound(vectors, got.low, vectors_number(vectors_field(expected, "low_mean")),
                    fmax(4 * low_sd, step), name, "low");
        check_bound(vectors, got.high, vectors_number(vectors_field(expected, "high_mean")),
                    fmax(4 * high_sd, step), name, "high");
    }
    jv_free(expected);
}

static void check_share(struct vectors *vectors, jv row, size_t successes, size_t n)
{
    check_bootstrap(vectors, row, n, "basic, share", sm_ci_basic_share(successes, n, SEED));
    check_interval(vectors, row, "wilson", sm_ci_wilson(successes, n));
    check_interval(vectors, row, "clopper_pearson", sm_ci_exact(successes, n));
    check_figure(vectors, row, "binom_two_sided_p_vs_half", sm_mcnemar(successes, n - successes));
}

/* A seed picks the same resamples of any n values: the interval must follow a change of unit. */
static void check_unit(struct vectors *vectors, const double *values, size_t n)
{
    struct sm_ci ci = sm_ci_basic(values, n, SEED);
    double *scaled = calloc(n + 1, sizeof *scaled);
    for (size_t i = 0; i < n; i++)
        scaled[i] = 0.3 * values[i] - 7;
    struct sm_ci moved = sm_ci_basic(scaled, n, SEED);
    check_bound(vectors, moved.low, 0.3 * ci.low - 7, 1e-12, "basic, other unit", "low");
    check_bound(vectors, moved.high, 0.3 * ci.high - 7, 1e-12, "basic, other unit", "high");
    free(scaled);
}

static void check_values(struct vectors *vectors, jv row, jv list)
{
    size_t n = vectors_length(list), successes = 0;
    double *values = calloc(n + 1, sizeof *values);
    for (size_t i = 0; i < n; i++) {
        values[i] = vectors_at(list, i);
        successes += values[i] == 1;
    }
    check_figure(vectors, row, "mean", sm_mean(values, n));
    check_bootstrap(vectors, row, n, "basic", sm_ci_basic(values, n, SEED));
    check_share(vectors, row, successes, n);
    check_unit(vectors, values, n);
    free(values);
    jv_free(list);
}

static size_t count(jv row, const char *name)
{
    return (size_t)vectors_number(vectors_field(row, name));
}

static void check(struct vectors *vectors, jv row)
{
    if (vectors_has(row, "values"))
        check_values(vectors, row, vectors_field(row, "values"));
    if (vectors_has(row, "successes"))
        check_share(vectors, row, count(row, "successes"), count(row, "n"));
    if (vectors_has(row, "mcnemar_b"))
        check_figure(vectors, row, "exact_p",
                     sm_mcnemar(count(row, "mcnemar_b"), count(row, "mcnemar_c")));
}

int main(void)
{
    return vectors_run(check);
}
