/* Compares the power of a t test, and what it takes, with statsmodels' figures; and spreads with
 * what they were made of. A line holds the spreads, `pairs_per_user` and a `difference`; or `t`,
 * `df` and `shift` of a noncentral t distribution; or `users` (the differences of each one's
 * pairs). */
#include "lib/eval/power.h"

#include "vectors.h"

static void expect(struct vectors *vectors, jv row, const char *name, double got)
{
    double expected = vectors_number(vectors_field(row, name));
    double tolerance = strcmp(name, "users_80") == 0 ? 1e-7 : 1e-9; /* as far as it was sought */
    if (vectors_has(row, name))
        vectors_expect(vectors,
                       isnan(expected) ? isnan(got)
                                       : fabs(got - expected) <= tolerance * fabs(expected),
                       "%s: %.15g, not %.15g", name, got, expected);
}

static double number(jv row, const char *name)
{
    return vectors_number(vectors_field(row, name));
}

static void check_plan(struct vectors *vectors, jv row)
{
    struct sm_spread spread = {number(row, "sd_effect_between_users"),
                               number(row, "sd_pair_difference")};
    double sd = sm_spread_of_mean(&spread, number(row, "pairs_per_user"));
    double difference = number(row, "difference");
    double users = sm_power_users(difference, sd, 0.05, 0.8);
    expect(vectors, row, "sd_user_mean", sd);
    expect(vectors, row, "users_80", users);
    expect(vectors, row, "users_80_ceil", ceil(users));
    expect(vectors, row, "mde_80_of_20_users", sm_power_difference(sd, 20, 0.05, 0.8));
    expect(vectors, row, "power_of_20_users", sm_power(difference, sd, 20, 0.05));
}

static void check_spread(struct vectors *vectors, jv row, jv lists)
{
    double differences[64];
    size_t users[64], count = 0;
    for (size_t i = 0; i < vectors_length(lists); i++) {
        jv list = jv_array_get(jv_copy(lists), (int)i);
        for (size_t k = 0; k < vectors_length(list) && count < 64; k++) {
            users[count] = i;
            differences[count++] = vectors_at(list, k);
        }
        jv_free(list);
    }
    struct sm_spread spread = sm_spread_from(differences, users, count);
    expect(vectors, row, "between", spread.between);
    expect(vectors, row, "within", spread.within);
    jv_free(lists);
}

static void check(struct vectors *vectors, jv row)
{
    if (vectors_has(row, "difference"))
        check_plan(vectors, row);
    if (vectors_has(row, "users"))
        check_spread(vectors, row, vectors_field(row, "users"));
    if (vectors_has(row, "t"))
        expect(vectors, row, "above",
               sm_t_above(number(row, "t"), number(row, "df"), number(row, "shift")));
}

int main(void)
{
    return vectors_run(check);
}
