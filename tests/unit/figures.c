/* Compares figures of users as clusters, of differences, places and probabilities with those of
 * scipy, statsmodels and scikit-learn. A line's fields say what it is about. */
#include "lib/eval/clustered.h"
#include "lib/eval/distributions.h"
#include "lib/eval/multiplicity.h"
#include "lib/eval/scores.h"

#include "vectors.h"

enum { SEED = 1 };
static const double tolerance = 1e-9, upper = (1 + SM_CI_LEVEL) / 2;

static void check_figure(struct vectors *vectors, jv row, const char *name, double got)
{
    if (!vectors_has(row, name))
        return;
    double expected = vectors_number(vectors_field(row, name));
    vectors_expect(vectors, fabs(got - expected) <= tolerance * fmax(1, fabs(expected)),
                   "%s: %.17g, not %.17g", name, got, expected);
}

static void check_ci(struct vectors *vectors, jv row, const char *low, const char *high,
                     struct sm_ci got)
{
    check_figure(vectors, row, low, got.low);
    check_figure(vectors, row, high, got.high);
}

/* The numbers of a field that is a list; *n is how many. */
static double *numbers(jv row, const char *name, size_t *n)
{
    jv list = vectors_field(row, name);
    *n = vectors_length(list);
    double *values = calloc(*n + 1, sizeof *values);
    for (size_t i = 0; i < *n; i++)
        values[i] = vectors_at(list, i);
    jv_free(list);
    return values;
}

static struct sm_ci by_cr1(const struct sm_clustered *c)
{
    double half = sm_t_quantile(upper, (double)c->clusters - 1) * c->se_cr1;
    return (struct sm_ci){c->share - half, c->share + half};
}

static void check_accuracy(struct vectors *vectors, jv row)
{
    size_t n;
    double *sums = numbers(row, "user_correct", &n), *counts = numbers(row, "user_verdicts", &n);
    struct sm_clustered c = sm_clustered(sums, counts, n);
    check_figure(vectors, row, "accuracy", c.share);
    check_figure(vectors, row, "macro", c.mean);
    check_figure(vectors, row, "se_cr0_miller2024", c.se_cr0);
    check_figure(vectors, row, "se_cr1", c.se_cr1);
    check_figure(vectors, row, "se_cr2", c.se);
    check_figure(vectors, row, "df_bell_mccaffrey", c.degrees);
    check_figure(vectors, row, "deff", c.deff);
    check_ci(vectors, row, "t_low", "t_high", by_cr1(&c));
    check_ci(vectors, row, "cr2_low", "cr2_high", sm_ci_share(&c));
    check_ci(vectors, row, "macro_t_low", "macro_t_high", sm_ci_mean_share(&c));
    check_ci(vectors, row, "korn_graubard_low", "korn_graubard_high", sm_ci_korn_graubard(&c));
    free(sums);
    free(counts);
}

static void check_difference(struct vectors *vectors, jv row)
{
    size_t n;
    double *sums = numbers(row, "user_sum_difference", &n),
           *counts = numbers(row, "user_verdicts", &n);
    struct sm_clustered c = sm_clustered(sums, counts, n);
    check_figure(vectors, row, "difference", c.share);
    check_figure(vectors, row, "se_cr1", c.se_cr1);
    check_figure(vectors, row, "t_p", sm_t_p(c.share / c.se_cr1, (double)n - 1));
    check_ci(vectors, row, "t_low", "t_high", by_cr1(&c));
    check_figure(vectors, row, "sign_flip_p_sums", sm_permutation(sums, n, SEED));
    for (size_t i = 0; i < n; i++)
        sums[i] /= counts[i];
    check_figure(vectors, row, "sign_flip_p_user_means", sm_permutation(sums, n, SEED));
    check_figure(vectors, row, "wilcoxon_exact_p", sm_wilcoxon(sums, n));
    free(sums);
    free(counts);
}

static void check_ranks(struct vectors *vectors, jv row)
{
    size_t n;
    double *differences = numbers(row, "differences", &n);
    check_figure(vectors, row, "p_exact", sm_wilcoxon(differences, n));
    free(differences);
}

static void check_adjusted(struct vectors *vectors, jv row, const char *name,
                           void (*adjust)(double *p, size_t n))
{
    size_t n, expected_n;
    double *p = numbers(row, "p", &n), *expected = numbers(row, name, &expected_n);
    adjust(p, n);
    for (size_t i = 0; i < expected_n; i++)
        vectors_expect(vectors, i < n && fabs(p[i] - expected[i]) <= tolerance,
                       "%s %zu: %.17g, not %.17g", name, i, p[i], expected[i]);
    free(p);
    free(expected);
}

static size_t count(jv row, const char *name)
{
    return (size_t)vectors_number(vectors_field(row, name));
}

static void check_places(struct vectors *vectors, jv row)
{
    size_t first = count(row, "both_first"), second = count(row, "both_second");
    size_t right = count(row, "both_right"), wrong = count(row, "both_wrong");
    struct sm_tally tally = {.orders = {{right, first}, {second, wrong}}};
    check_figure(vectors, row, "lean_p_exact", sm_sign_test(first, second));
    check_figure(vectors, row, "lean", sm_tally_lean(&tally));
    check_figure(vectors, row, "kappa_of_orders", sm_kappa(tally.orders));
}

static void check_calibration(struct vectors *vectors, jv row)
{
    size_t n;
    double *p = numbers(row, "p_first", &n), *first = numbers(row, "first", &n);
    struct sm_bias bias = {0};
    for (size_t i = 0; i < n; i++) {
        struct sm_verdict verdict = {.labeled = true, .reverse = first[i] == 0, .p_first = p[i]};
        sm_bias_verdict(&bias, &verdict);
    }
    struct sm_murphy parts = sm_bias_murphy(&bias);
    check_figure(vectors, row, "brier", bias.brier / (double)bias.forecasts);
    check_figure(vectors, row, "brier", parts.reliability - parts.resolution + parts.uncertainty);
    check_figure(vectors, row, "reliability", parts.reliability);
    check_figure(vectors, row, "resolution", parts.resolution);
    check_figure(vectors, row, "uncertainty", parts.uncertainty);
    check_figure(vectors, row, "ece", sm_bias_ece(&bias));
    free(p);
    free(first);
}

static void check(struct vectors *vectors, jv row)
{
    if (vectors_has(row, "user_correct"))
        check_accuracy(vectors, row);
    if (vectors_has(row, "user_sum_difference"))
        check_difference(vectors, row);
    if (vectors_has(row, "differences"))
        check_ranks(vectors, row);
    if (vectors_has(row, "holm"))
        check_adjusted(vectors, row, "holm", sm_holm_adjust);
    if (vectors_has(row, "both_first"))
        check_places(vectors, row);
    if (vectors_has(row, "brier"))
        check_calibration(vectors, row);
}

int main(void)
{
    return vectors_run(check);
}
