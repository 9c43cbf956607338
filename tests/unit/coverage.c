/* How often the intervals that sm-eval gives by default cover the truth, and how often its tests
 * reject a null that is true: simulated with the library's own functions from fixed seeds. Each
 * line is a setting: users, pairs of each (in both orders, alike in 90%), mean accuracy, its
 * standard deviation between users. The columns before `null` should be near 0.95, those behind it
 * at most 0.05. `quick` leaves out what takes long: the intervals by other methods, and in a
 * permutation test the users beyond the first 24, of whom patterns are drawn as of more.
 * usage: coverage [REPETITIONS [quick]] */
#include "lib/base/mem.h"
#include "lib/base/rng.h"
#include "lib/eval/clustered.h"
#include "lib/eval/multiplicity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    USERS_MAX = 50,
    PAIRS_MAX = 500,
    FILES = 8,          /* compared with a first one, of which each is as good */
    PERMUTED = 10,      /* a permutation test takes long: one repetition of so many has it, */
    PERMUTED_MANY = 25, /* or, with users of whom patterns are drawn, of so many */
    DRAWN = 20,         /* so are intervals by a bootstrap */
    QUICK_USERS = 24
};
static const double apart = 0.1;      /* how often the two orders of a pair differ */
static const double effect_sd = 0.05; /* between users, of the difference of two judges */
static const double level = 1 - SM_CI_LEVEL;

struct setting {
    size_t users, pairs_least, pairs_most;
    double accuracy, sd;
};

static const struct setting settings[] = {
    {20, 10, 10, 0.6, 0.1},  {20, 4, 4, 0.6, 0.1},   {20, 1, 500, 0.6, 0.1}, {5, 10, 10, 0.6, 0.1},
    {5, 1, 500, 0.6, 0.1},   {50, 10, 10, 0.6, 0.1}, {50, 1, 500, 0.6, 0.1}, {20, 10, 10, 0.8, 0.1},
    {20, 10, 10, 0.9, 0.05}, {20, 4, 4, 0.9, 0.05},  {5, 10, 10, 0.9, 0.05}, {1, 10, 10, 0.6, 0},
    {1, 40, 40, 0.9, 0},
};

/* Shares: how often something was so. */
struct share {
    double yes, all;
};

struct outcome {
    struct share all, mean, user, debiased, difference;             /* covered */
    struct share basic, exact, cluster;                             /* covered, by other methods */
    struct share excludes, permutation, wilcoxon, sign, lean, holm; /* rejected */
};

/* One user of one judge. */
struct user {
    double accuracy, right, verdicts, pair_sum, both_right;
    size_t pairs, both_first, both_second;
    double values[PAIRS_MAX]; /* of each pair: 0, 1 or 2 */
};

static void count(struct share *share, bool yes)
{
    share->yes += yes;
    share->all++;
}

static bool covers(struct sm_ci ci, double truth)
{
    return ci.low <= truth && truth <= ci.high;
}

static double normal(struct sm_rng *rng)
{
    double size = sqrt(-2 * log(1 - sm_rng_double(rng)));
    return size * cos(2 * acos(-1) * sm_rng_double(rng));
}

/* Marsaglia and Tsang, ACM Transactions on Mathematical Software 26, 2000. Requires shape >= 1. */
static double gamma_draw(struct sm_rng *rng, double shape)
{
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double x = normal(rng), v = 1 + c * x;
        if (v <= 0)
            continue;
        v = v * v * v;
        if (log(1 - sm_rng_double(rng)) < 0.5 * x * x + d - d * v + d * log(v))
            return d * v;
    }
}

static double beta_draw(struct sm_rng *rng, double mean, double sd)
{
    if (sd == 0)
        return mean;
    double size = mean * (1 - mean) / (sd * sd) - 1;
    double a = gamma_draw(rng, mean * size), b = gamma_draw(rng, (1 - mean) * size);
    return a / (a + b);
}

/* How often the two orders of a pair can differ at that accuracy. */
static double orders_apart(double accuracy)
{
    return fmin(apart, 2 * fmin(accuracy, 1 - accuracy));
}

static void judge_pair(struct sm_rng *rng, struct user *u)
{
    double differ = orders_apart(u->accuracy), x = sm_rng_double(rng);
    double right = x < u->accuracy - differ / 2 ? 2 : x < u->accuracy + differ / 2 ? 1 : 0;
    bool first = right == 1 && sm_rng_below(rng, 2);
    u->values[u->pairs++] = right;
    u->right += right;
    u->verdicts += 2;
    u->pair_sum += right / 2;
    u->both_right += right == 2;
    u->both_first += first;
    u->both_second += right == 1 && !first;
}

static void judge_user(struct sm_rng *rng, struct user *u, double accuracy, size_t pairs)
{
    u->accuracy = accuracy;
    u->right = u->verdicts = u->pair_sum = u->both_right = 0;
    u->pairs = u->both_first = u->both_second = 0;
    while (u->pairs < pairs)
        judge_pair(rng, u);
}

struct study {
    const struct setting *set;
    bool quick;
    struct user a[USERS_MAX], b[USERS_MAX];
    double sums[USERS_MAX], counts[USERS_MAX];
};

static void judge_all(struct sm_rng *rng, struct study *s)
{
    const struct setting *set = s->set;
    for (size_t i = 0; i < set->users; i++) {
        double p = beta_draw(rng, set->accuracy, set->sd);
        double q = set->users > 1 ? p + effect_sd * normal(rng) : p;
        size_t pairs = (size_t)sm_rng_int(rng, (int64_t)set->pairs_least, (int64_t)set->pairs_most);
        judge_user(rng, &s->a[i], p, pairs);
        judge_user(rng, &s->b[i], fmin(1, fmax(0, q)), pairs);
    }
}

static struct sm_clustered accuracy_of(struct study *s)
{
    for (size_t i = 0; i < s->set->users; i++) {
        s->sums[i] = s->a[i].right;
        s->counts[i] = s->a[i].verdicts;
    }
    return sm_clustered(s->sums, s->counts, s->set->users);
}

/* What sm-eval does where users do not differ. */
static struct sm_ci or_wilson(struct sm_ci ci, double sum, double pairs)
{
    return isnan(ci.low) ? sm_ci_wilson_sum(sum, pairs) : ci;
}

static void check_accuracy(struct study *s, struct outcome *o)
{
    struct sm_clustered c = accuracy_of(s);
    double truth = s->set->accuracy, sum = 0, pairs = 0;
    size_t places[2] = {0};
    for (size_t i = 0; i < s->set->users; i++) {
        const struct user *u = &s->a[i];
        sum += u->pair_sum;
        pairs += (double)u->pairs;
        places[0] += u->both_first;
        places[1] += u->both_second;
        count(&o->user, covers(sm_ci_wilson_sum(u->pair_sum, (double)u->pairs), u->accuracy));
    }
    count(&o->lean, sm_sign_test(places[0], places[1]) <= level);
    if (s->set->users == 1)
        return;
    count(&o->all, covers(or_wilson(sm_ci_share(&c), sum, pairs), truth));
    count(&o->mean, covers(or_wilson(sm_ci_mean_share(&c), sum, pairs), truth));
}

/* A pair is right over both orders if it is in each: less often than a verdict is. */
static void check_debiased(struct study *s, struct outcome *o)
{
    double truth = s->set->accuracy - apart / 2, sum = 0, pairs = 0;
    if (s->set->users == 1 || s->set->accuracy > 0.8)
        return; /* there the truth depends on how accuracies are spread */
    for (size_t i = 0; i < s->set->users; i++) {
        sum += s->sums[i] = s->a[i].both_right;
        pairs += s->counts[i] = (double)s->a[i].pairs;
    }
    struct sm_clustered c = sm_clustered(s->sums, s->counts, s->set->users);
    count(&o->debiased, covers(or_wilson(sm_ci_share(&c), sum, pairs), truth));
}

/* Other methods, of the verdicts or by a bootstrap of the users. */
static void check_others(struct study *s, struct outcome *o, int64_t seed)
{
    struct sm_clustered c = accuracy_of(s);
    size_t right = (size_t)(c.share * c.n + 0.5), n = (size_t)c.n;
    double truth = s->set->accuracy;
    count(&o->basic, covers(sm_ci_mean(SM_CI_BASIC, right, 0, n, seed), truth));
    count(&o->exact, covers(sm_ci_exact(right, n), truth));
    if (s->set->users > 1)
        count(&o->cluster, covers(sm_ci_cluster(s->sums, s->counts, s->set->users, seed), truth));
}

static void compare_users(struct study *s, struct outcome *o, bool permute, int64_t seed)
{
    size_t users = s->set->users, permuted = s->quick && users > QUICK_USERS ? QUICK_USERS : users;
    double means[USERS_MAX];
    for (size_t i = 0; i < users; i++) {
        s->sums[i] = s->b[i].right - s->a[i].right;
        s->counts[i] = s->a[i].verdicts;
        means[i] = s->sums[i] / s->counts[i];
    }
    struct sm_clustered c = sm_clustered(s->sums, s->counts, users);
    struct sm_ci ci = sm_ci_difference(&c);
    bool covered = isnan(ci.low) || covers(ci, 0);
    count(&o->difference, covered);
    count(&o->excludes, !covered);
    count(&o->wilcoxon, sm_wilcoxon(means, users) <= level);
    if (permute)
        count(&o->permutation, sm_permutation(means, permuted, seed) <= level);
}

static void compare_pairs(struct study *s, struct outcome *o)
{
    const struct user *a = s->a, *b = s->b;
    double sums[PAIRS_MAX], counts[PAIRS_MAX];
    size_t better = 0, worse = 0;
    for (size_t i = 0; i < a->pairs; i++) {
        sums[i] = b->values[i] - a->values[i];
        counts[i] = 2;
        better += sums[i] > 0;
        worse += sums[i] < 0;
    }
    struct sm_clustered c = sm_clustered(sums, counts, a->pairs);
    struct sm_ci ci = sm_ci_difference(&c);
    if (isnan(ci.low))
        ci = sm_ci_same(c.share, (double)a->pairs, -1, 1);
    count(&o->difference, covers(ci, 0));
    count(&o->excludes, !covers(ci, 0));
    count(&o->sign, sm_sign_test(better, worse) <= level);
}

/* Of several files, all as good as the first: whether any is found to differ. */
static void check_several(struct sm_rng *rng, struct study *s, struct outcome *o)
{
    double p[FILES], means[USERS_MAX];
    size_t users = s->set->users, found = 0;
    for (size_t file = 0; file < FILES; file++) {
        for (size_t i = 0; i < users; i++) {
            double q = s->a[i].accuracy + effect_sd * normal(rng);
            judge_user(rng, &s->b[i], fmin(1, fmax(0, q)), s->a[i].pairs);
            means[i] = (s->b[i].right - s->a[i].right) / s->a[i].verdicts;
        }
        p[file] = sm_permutation(means, users, (int64_t)file);
    }
    sm_holm_adjust(p, FILES);
    for (size_t file = 0; file < FILES; file++)
        found += p[file] <= level;
    count(&o->holm, found > 0);
}

static void repeat(struct sm_rng *rng, struct study *s, struct outcome *o, long number)
{
    judge_all(rng, s);
    check_accuracy(s, o);
    check_debiased(s, o);
    if (!s->quick && number % DRAWN == 0)
        check_others(s, o, number);
    if (s->set->users == 1)
        compare_pairs(s, o);
    else
        compare_users(s, o, number % (s->set->users > 20 ? PERMUTED_MANY : PERMUTED) == 0, number);
    if (s->set->users == 20 && s->set->pairs_most == 10 && number % PERMUTED == 0)
        check_several(rng, s, o);
}

static void print_share(const struct share *share)
{
    if (share->all > 0)
        printf("\t%.3f", share->yes / share->all);
    else
        printf("\t-");
}

static void print_outcome(const struct setting *set, const struct outcome *o)
{
    const struct share *const columns[] = {
        &o->all,      &o->mean,  &o->user,    &o->debiased, &o->difference,
        &o->basic,    &o->exact, &o->cluster, &o->excludes, &o->permutation,
        &o->wilcoxon, &o->sign,  &o->lean,    &o->holm};
    printf("%zu\t%zu", set->users, set->pairs_least);
    if (set->pairs_most > set->pairs_least)
        printf("-%zu", set->pairs_most);
    printf("\t%g\t%g", set->accuracy, set->sd);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        print_share(columns[i]);
    putchar('\n');
}

int main(int argc, char **argv)
{
    long repetitions = argc > 1 ? strtol(argv[1], NULL, 10) : 2000;
    struct study *study = calloc(1, sizeof *study);
    study->quick = argc > 2 && strcmp(argv[2], "quick") == 0;
    puts("users\tpairs\taccuracy\tsd\tall\tmean\tuser\tdebiased\tdifference\tbasic\texact\tcluster"
         "\tnull: excludes\tpermutation\twilcoxon\tsign\tlean\tholm");
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        struct outcome outcome = {0};
        struct sm_rng rng;
        sm_rng_seed(&rng, (int64_t)i);
        study->set = &settings[i];
        for (long number = 0; number < repetitions; number++)
            repeat(&rng, study, &outcome, number);
        print_outcome(&settings[i], &outcome);
        fflush(stdout);
    }
    free(study);
    return 0;
}
