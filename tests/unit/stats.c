/* Compares intervals and tests with figures of scipy's. A line holds `values`, or `n` of which
 * `successes` are 1, or the counts of a McNemar test; null stands for "no figure". */
#include "lib/eval/stats.h"

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
static void check_bootstrap(struct vectors *vectors, jv row, size_t n, const char *field,
                            const char *name, struct sm_ci got)
{
    jv expected = vectors_field(row, field);
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
    check_bootstrap(vectors, row, n, "bootstrap_basic", "basic, share",
                    sm_ci_mean(SM_CI_BASIC, successes, 0, n, SEED));
    check_bootstrap(vectors, row, n, "bootstrap_percentile", "percentile",
                    sm_ci_mean(SM_CI_PERCENTILE, successes, 0, n, SEED));
    check_bootstrap(vectors, row, n, "bootstrap_BCa", "bca",
                    sm_ci_mean(SM_CI_BCA, successes, 0, n, SEED));
    check_interval(vectors, row, "wilson", sm_ci_wilson(successes, n));
    check_interval(vectors, row, "clopper_pearson", sm_ci_exact(successes, n));
    check_figure(vectors, row, "binom_two_sided_p_vs_half", sm_sign_test(successes, n - successes));
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

/* Clusters of a few sums are drawn from the distribution of theirs; in another unit, one by one. */
static void check_pairs(struct vectors *vectors, const double *values, const double *ones, size_t n,
                        struct sm_ci ci)
{
    double *scaled = calloc(n + 1, sizeof *scaled);
    for (size_t i = 0; i < n; i++)
        scaled[i] = 0.3 * values[i];
    struct sm_ci drawn = sm_ci_cluster(scaled, ones, n, SEED + 1);
    check_bound(vectors, ci.low, drawn.low / 0.3, 1.5 / (double)n, "clusters, one by one", "low");
    check_bound(vectors, ci.high, drawn.high / 0.3, 1.5 / (double)n, "clusters, one by one",
                "high");
    free(scaled);
}

/* Clusters of one value each are an ordinary bootstrap. */
static void check_clusters(struct vectors *vectors, jv row, const double *values, size_t n)
{
    double *ones = calloc(n + 1, sizeof *ones);
    for (size_t i = 0; i < n; i++)
        ones[i] = 1;
    struct sm_ci ci = sm_ci_cluster(values, ones, n, SEED);
    check_bootstrap(vectors, row, n, "bootstrap_percentile", "cluster", ci);
    check_pairs(vectors, values, ones, n, ci);
    free(ones);
}

/* Halves: against a bootstrap of the values themselves, drawn one by one. */
static void check_halves(struct vectors *vectors)
{
    enum { ONES = 30, HALVES = 25, N = 70 };
    double values[N] = {0}, ones[N];
    for (int i = 0; i < N; i++) {
        values[i] = i < ONES ? 1 : i < ONES + HALVES ? 0.5 : 0;
        ones[i] = 1;
    }
    struct sm_ci drawn = sm_ci_cluster(values, ones, N, SEED);
    struct sm_ci got = sm_ci_mean(SM_CI_PERCENTILE, ONES, HALVES, N, SEED + 1);
    check_bound(vectors, got.low, drawn.low, 1.5 / N, "halves", "low");
    check_bound(vectors, got.high, drawn.high, 1.5 / N, "halves", "high");
}

static void check_paired(struct vectors *vectors, jv row)
{
    jv a = vectors_field(row, "paired_a"), b = vectors_field(row, "paired_b");
    size_t n = vectors_length(a);
    double *differences = calloc(n + 1, sizeof *differences);
    for (size_t i = 0; i < n; i++)
        differences[i] = vectors_at(a, i) - vectors_at(b, i);
    double p = vectors_number(vectors_field(row, "permutation_p"));
    check_bound(vectors, sm_permutation(differences, n, SEED), p, n > 20 ? 0.005 : 1e-9,
                "permutation", "p");
    check_bound(vectors, sm_mean(differences, n), vectors_number(vectors_field(row, "mean_diff")),
                1e-9, "mean difference", "");
    check_figure(vectors, row, "wilcoxon_p", sm_wilcoxon(differences, n));
    free(differences);
    jv_free(a);
    jv_free(b);
}

static void check_kappa(struct vectors *vectors, jv row)
{
    jv x = vectors_field(row, "kappa_x"), y = vectors_field(row, "kappa_y");
    size_t counts[2][2] = {{0}};
    for (size_t i = 0; i < vectors_length(x); i++)
        counts[vectors_at(x, i) == 1][vectors_at(y, i) == 1]++;
    check_figure(vectors, row, "kappa", sm_kappa(counts));
    jv_free(x);
    jv_free(y);
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
    check_bootstrap(vectors, row, n, "bootstrap_basic", "basic", sm_ci_basic(values, n, SEED));
    check_clusters(vectors, row, values, n);
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
    if (vectors_has(row, "paired_a"))
        check_paired(vectors, row);
    if (vectors_has(row, "kappa_x"))
        check_kappa(vectors, row);
    if (vectors->line == 1)
        check_halves(vectors);
    if (vectors_has(row, "mcnemar_b"))
        check_figure(vectors, row, "exact_p",
                     sm_sign_test(count(row, "mcnemar_b"), count(row, "mcnemar_c")));
}

int main(void)
{
    return vectors_run(check);
}
