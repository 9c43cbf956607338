#include "cmd/plan/write.h"

#include "lib/io/table.h"
#include "lib/json/record.h"

#include <math.h>

/* What is shown where neither is given. */
static const long users_shown[] = {5, 10, 20, 50, 100, 200, 500};
static const long pairs_shown[] = {2, 5, 10, 20, 50};
enum { USERS_SHOWN = 7, PAIRS_SHOWN = 5, COLUMNS = PAIRS_SHOWN + 1 };

/* The numbers of users and of pairs a user to plan for. */
struct sizes {
    const long *users, *pairs;
    size_t users_count, pairs_count;
};

static struct sizes sizes_of(const struct plan *plan)
{
    const struct plan_options *set = &plan->set;
    return (struct sizes){.users = set->users ? &set->users : users_shown,
                          .users_count = set->users ? 1 : USERS_SHOWN,
                          .pairs = set->pairs ? &set->pairs : pairs_shown,
                          .pairs_count = set->pairs ? 1 : PAIRS_SHOWN};
}

static double cost_of(const struct plan *plan, double users, double pairs)
{
    return users * (plan->pilot.cost_user + pairs * plan->pilot.cost_pair);
}

/* Infinite where even a difference of all is not enough. */
static double least_of(const struct plan *plan, const struct sm_spread *spread, double users,
                       double pairs)
{
    double least = sm_power_difference(sm_spread_of_mean(spread, pairs), users, plan->set.alpha,
                                       plan->set.power);
    return least <= 1 ? least : INFINITY;
}

/* Infinite where even SM_USERS_MAX are too few. */
static double needed_by(const struct plan *plan, const struct sm_spread *spread, double pairs)
{
    double users = sm_power_users(plan->set.effect, sm_spread_of_mean(spread, pairs),
                                  plan->set.alpha, plan->set.power);
    return users < SM_USERS_MAX ? ceil(users) : INFINITY;
}

static void add_number(struct sm_buf *out, const char *name, double number)
{
    if (isfinite(number))
        sm_buf_printf(out, ",\"%s\":%.10g", name, number);
    else
        sm_buf_printf(out, ",\"%s\":null", name);
}

/* Each record says what it was planned with. */
static void open_record(const struct plan *plan, const struct sm_spread *spread, double pairs,
                        struct sm_buf *out)
{
    sm_record_open(out, SM_PLAN, NULL);
    add_number(out, "sd_users", spread->between);
    add_number(out, "sd_pair", spread->within);
    add_number(out, "power", plan->set.power);
    add_number(out, "alpha", plan->set.alpha);
    add_number(out, "pairs", pairs);
    add_number(out, "sd_user_mean", sm_spread_of_mean(spread, pairs));
}

static void close_record(struct plan *plan, double users, double pairs, struct sm_buf *out)
{
    add_number(out, "cost", cost_of(plan, users, pairs));
    sm_buf_str(out, "}\n");
    app_write(plan->app, out->data, out->len);
    sm_buf_release(out);
}

static void write_size(struct plan *plan, const struct sm_spread *spread, double users,
                       double pairs)
{
    struct sm_buf out = {0};
    const struct plan_options *set = &plan->set;
    open_record(plan, spread, pairs, &out);
    add_number(&out, "users", users);
    add_number(&out, "least_difference", least_of(plan, spread, users, pairs));
    if (set->effect > 0) {
        add_number(&out, "effect", set->effect);
        add_number(&out, "power_of_effect",
                   sm_power(set->effect, sm_spread_of_mean(spread, pairs), users, set->alpha));
    }
    close_record(plan, users, pairs, &out);
}

static void write_needed(struct plan *plan, const struct sm_spread *spread, double pairs)
{
    struct sm_buf out = {0};
    double users = needed_by(plan, spread, pairs);
    open_record(plan, spread, pairs, &out);
    add_number(&out, "effect", plan->set.effect);
    add_number(&out, "users_needed", users);
    close_record(plan, users, pairs, &out);
}

void plan_write_records(struct plan *plan, const struct sm_spread *spread)
{
    struct sizes sizes = sizes_of(plan);
    for (size_t k = 0; k < sizes.pairs_count; k++) {
        double pairs = (double)sizes.pairs[k];
        for (size_t i = 0; i < sizes.users_count; i++)
            write_size(plan, spread, (double)sizes.users[i], pairs);
        if (plan->set.effect > 0)
            write_needed(plan, spread, pairs);
    }
}

static void add_cost(struct sm_buf *cell, double cost)
{
    if (isfinite(cost))
        sm_buf_printf(cell, " $%.2f", cost);
}

/* Consumes the cells. */
static void add_row(struct sm_table *table, struct sm_buf *cells, size_t count)
{
    const char *texts[COLUMNS] = {0};
    for (size_t i = 0; i < count; i++)
        texts[i] = sm_buf_text(&cells[i]);
    sm_table_add(table, texts);
    for (size_t i = 0; i < count; i++)
        sm_buf_release(&cells[i]);
}

static void add_size(const struct plan *plan, const struct sm_spread *spread,
                     const struct sizes *sizes, double users, struct sm_table *table)
{
    struct sm_buf cells[COLUMNS] = {0};
    sm_buf_printf(&cells[0], "%.0f users", users);
    for (size_t k = 0; k < sizes->pairs_count; k++) {
        double pairs = (double)sizes->pairs[k], least = least_of(plan, spread, users, pairs);
        if (isfinite(least))
            sm_buf_printf(&cells[k + 1], "%.1f", 100 * least);
        else
            sm_buf_str(&cells[k + 1], "over 100");
        add_cost(&cells[k + 1], cost_of(plan, users, pairs));
    }
    add_row(table, cells, sizes->pairs_count + 1);
}

static void add_needed(const struct plan *plan, const struct sm_spread *spread,
                       const struct sizes *sizes, struct sm_table *table)
{
    struct sm_buf cells[COLUMNS] = {0};
    sm_buf_printf(&cells[0], "users for %.4g points", 100 * plan->set.effect);
    for (size_t k = 0; k < sizes->pairs_count; k++) {
        double pairs = (double)sizes->pairs[k], users = needed_by(plan, spread, pairs);
        if (isfinite(users))
            sm_buf_printf(&cells[k + 1], "%.0f", users);
        else
            sm_buf_printf(&cells[k + 1], "over %.0e", SM_USERS_MAX);
        add_cost(&cells[k + 1], cost_of(plan, users, pairs));
    }
    add_row(table, cells, sizes->pairs_count + 1);
}

/* What the figures in the table are, and what they rest on. */
static void add_notes(const struct plan *plan, const struct sm_spread *spread, struct sm_buf *out)
{
    sm_buf_printf(out,
                  "The least difference, in points, that so many users show with power %g in a t "
                  "test at %g, two-sided.\n"
                  "Standard deviations: %.1f points between users, %.1f between the pairs of one",
                  plan->set.power, plan->set.alpha, 100 * spread->between, 100 * spread->within);
    if (plan->pilot.pairs)
        sm_buf_printf(out, ", from %zu pairs of %zu users", plan->pilot.pairs, plan->pilot.users);
    sm_buf_str(out, ".\n");
}

void plan_write_table(struct plan *plan, const struct sm_spread *spread, size_t width)
{
    struct sizes sizes = sizes_of(plan);
    struct sm_column columns[COLUMNS] = {{"", false}};
    struct sm_buf headings[COLUMNS] = {0}, out = {0};
    for (size_t k = 0; k < sizes.pairs_count; k++) {
        sm_buf_printf(&headings[k], "%ld pair%s each", sizes.pairs[k],
                      sizes.pairs[k] == 1 ? "" : "s");
        columns[k + 1] = (struct sm_column){sm_buf_text(&headings[k]), true};
    }
    struct sm_table *table = sm_table_open(columns, sizes.pairs_count + 1);
    for (size_t i = 0; i < sizes.users_count; i++)
        add_size(plan, spread, &sizes, (double)sizes.users[i], table);
    if (plan->set.effect > 0)
        add_needed(plan, spread, &sizes, table);
    sm_table_write(table, width, plan->app->color, &out);
    app_write_shown(plan->app, sm_buf_text(&out), out.len);
    sm_buf_clear(&out);
    add_notes(plan, spread, &out);
    app_write(plan->app, out.data, out.len);
    sm_table_close(table);
    sm_buf_release(&out);
    for (size_t k = 0; k < COLUMNS; k++)
        sm_buf_release(&headings[k]);
}
