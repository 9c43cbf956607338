/* Compares figures of single users with those of scipy and statsmodels: shrunk accuracies
 * (`correct`, `pairs`), p values adjusted for their number (`p`), a test that holds whenever one
 * looks (`differences`); how often that one, and a t test, are wrong (`looks`); and how often the
 * intervals of users with so many `trials` hold the truth. */
#include "lib/base/rng.h"
#include "lib/eval/discoveries.h"
#include "lib/eval/distributions.h"
#include "lib/eval/sequential.h"
#include "lib/eval/shrink.h"

#include "vectors.h"

enum { MAX = 1000, RUNS = 2000 };

static void expect_at(struct vectors *vectors, jv row, const char *name, size_t at, double got,
                      double tolerance)
{
    jv list = vectors_field(row, name);
    double expected = vectors_length(list) > 0 ? vectors_at(list, at) : got;
    if (vectors_length(list) > 0)
        vectors_expect(vectors, fabs(got - expected) <= tolerance, "%s %zu: %.15g, not %.15g", name,
                       at, got, expected);
    jv_free(list);
}

static size_t numbers(jv row, const char *name, double values[MAX])
{
    jv list = vectors_field(row, name);
    size_t n = vectors_length(list) < MAX ? vectors_length(list) : MAX;
    for (size_t i = 0; i < n; i++)
        values[i] = vectors_at(list, i);
    jv_free(list);
    return n;
}

static void check_shrunk(struct vectors *vectors, jv row)
{
    double sums[MAX], pairs[MAX];
    struct sm_trials users[MAX];
    struct sm_shrunk shrunk[MAX];
    size_t n = numbers(row, "correct", sums);
    numbers(row, "pairs", pairs);
    for (size_t i = 0; i < n; i++)
        users[i] = (struct sm_trials){sums[i], pairs[i]};
    sm_shrink(users, n, shrunk);
    for (size_t i = 0; i < n; i++) {
        expect_at(vectors, row, "grid_posterior_mean", i, shrunk[i].mean, 1e-7);
        expect_at(vectors, row, "grid_low", i, shrunk[i].low, 1e-6);
        expect_at(vectors, row, "grid_high", i, shrunk[i].high, 1e-6);
        expect_at(vectors, row, "grid_p_above_half", i, shrunk[i].above_half, 1e-7);
    }
}

static void check_adjusted(struct vectors *vectors, jv row)
{
    double p[MAX];
    size_t n = numbers(row, "p", p);
    sm_bh_adjust(p, n);
    for (size_t i = 0; i < n; i++)
        expect_at(vectors, row, "bh", i, p[i], 1e-12);
}

static void check_sequential(struct vectors *vectors, jv row)
{
    double differences[MAX];
    size_t n = numbers(row, "differences", differences);
    struct sm_sequential s = {0};
    for (size_t i = 0; i < n; i++) {
        sm_sequential_add(&s, differences[i]);
        expect_at(vectors, row, "e", i, sm_sequential_e(&s), 1e-9);
        expect_at(vectors, row, "anytime_p", i, sm_sequential_p(&s), 1e-9);
    }
}

/* The mean of ten pairs' differences, none of which differs on average. */
static double draw_user(struct sm_rng *rng)
{
    int sum = 0;
    for (int i = 0; i < 10; i++)
        sum += (int)sm_rng_below(rng, 3) - 1;
    return sum / 10.0;
}

/* Runs of `looks` users, looked at after each: the shares that are stopped by error. */
static void check_looks(struct vectors *vectors, jv row)
{
    struct sm_rng rng;
    double looks = vectors_number(vectors_field(row, "looks")), wrong = 0, wrong_t = 0;
    sm_rng_seed(&rng, 1);
    for (int run = 0; run < RUNS; run++) {
        struct sm_sequential s = {0};
        double sum = 0, squares = 0, least_p = 1;
        for (double n = 1; n <= looks; n++) {
            double d = draw_user(&rng);
            sm_sequential_add(&s, d);
            sum += d;
            squares += d * d;
            double se = sqrt((squares - sum * sum / n) / (n - 1) / n);
            if (n >= 6 && se > 0)
                least_p = fmin(least_p, sm_t_p(sum / n / se, n - 1));
        }
        wrong += sm_sequential_p(&s) <= 0.05;
        wrong_t += least_p <= 0.05;
    }
    vectors_expect(vectors, wrong / RUNS <= vectors_number(vectors_field(row, "at_most")),
                   "stopped by error: %g", wrong / RUNS);
    vectors_expect(vectors, wrong_t / RUNS >= vectors_number(vectors_field(row, "t_at_least")),
                   "stopped by error, by t tests: %g", wrong_t / RUNS);
}

/* Groups of 40 users, their true accuracies about .6 with a deviation of .1: how far the shrunk
 * ones and the plain ones are from them, and how many intervals hold them. */
static void check_coverage(struct vectors *vectors, jv row)
{
    enum { USERS = 40, GROUPS = 50 }; /* each group has its prior, which takes long */
    double trials = vectors_number(vectors_field(row, "trials")), held = 0, squares = 0, plain = 0;
    struct sm_rng rng;
    sm_rng_seed(&rng, 1);
    for (int group = 0; group < GROUPS; group++) {
        struct sm_trials users[USERS] = {{0}};
        struct sm_shrunk shrunk[USERS];
        double truth[USERS];
        for (int i = 0; i < USERS; i++) {
            truth[i] =
                0.6 + 0.1 * sqrt(4) *
                          (sm_rng_double(&rng) + sm_rng_double(&rng) + sm_rng_double(&rng) - 1.5);
            users[i].n = trials;
            for (int k = 0; k < trials; k++)
                users[i].sum += sm_rng_double(&rng) < truth[i];
        }
        sm_shrink(users, USERS, shrunk);
        for (int i = 0; i < USERS; i++) {
            held += shrunk[i].low <= truth[i] && truth[i] <= shrunk[i].high;
            squares += (shrunk[i].mean - truth[i]) * (shrunk[i].mean - truth[i]);
            plain += (users[i].sum / trials - truth[i]) * (users[i].sum / trials - truth[i]);
        }
    }
    double all = USERS * GROUPS, coverage = held / all;
    vectors_expect(vectors, coverage >= 0.93 && coverage <= 0.98, "intervals that hold: %g",
                   coverage);
    vectors_expect(vectors, sqrt(squares / all) <= vectors_number(vectors_field(row, "error")),
                   "error %g, plain %g", sqrt(squares / all), sqrt(plain / all));
    vectors_expect(vectors, sqrt(plain / all) >= vectors_number(vectors_field(row, "plain_error")),
                   "plain error %g", sqrt(plain / all));
}

static void check_least(struct vectors *vectors, jv row)
{
    size_t got = sm_sign_least((size_t)vectors_number(vectors_field(row, "n")),
                               vectors_number(vectors_field(row, "level")));
    vectors_expect(vectors, (double)got == vectors_number(vectors_field(row, "least")),
                   "least: %zu", got);
}

static void check(struct vectors *vectors, jv row)
{
    if (vectors_has(row, "correct"))
        check_shrunk(vectors, row);
    if (vectors_has(row, "p"))
        check_adjusted(vectors, row);
    if (vectors_has(row, "differences"))
        check_sequential(vectors, row);
    if (vectors_has(row, "looks"))
        check_looks(vectors, row);
    if (vectors_has(row, "level"))
        check_least(vectors, row);
    if (vectors_has(row, "trials"))
        check_coverage(vectors, row);
}

int main(void)
{
    return vectors_run(check);
}
