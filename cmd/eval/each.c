#include "cmd/eval/each.h"

#include "cmd/eval/numbers.h"

#include "lib/eval/discoveries.h"
#include "lib/eval/power.h"
#include "lib/json/json.h"

#include <math.h>

void eval_each_add(struct comparison *c, const char *user, size_t pairs, size_t better,
                   size_t worse, double difference)
{
    c->each = sm_grow(c->each, c->each_count, &c->each_room, sizeof *c->each);
    c->each[c->each_count++] = (struct each){.user = user,
                                             .pairs = pairs,
                                             .better = better,
                                             .worse = worse,
                                             .difference = difference,
                                             .p = sm_sign_test(better, worse)};
    sm_sequential_add(&c->sequential, difference);
}

static int compare_sizes(const void *left, const void *right)
{
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    return (a > b) - (a < b);
}

/* How many pairs a user has, half of the users having no more. */
static size_t usual_pairs(const struct comparison *c)
{
    size_t *pairs = sm_alloc(c->each_count + 1, sizeof *pairs);
    for (size_t i = 0; i < c->each_count; i++)
        pairs[i] = c->each[i].pairs;
    qsort(pairs, c->each_count, sizeof *pairs, compare_sizes);
    size_t middle = c->each_count ? pairs[(c->each_count - 1) / 2] : 0;
    free(pairs);
    return middle;
}

void eval_each_test(struct comparison *c)
{
    double *p = sm_alloc(c->each_count + 1, sizeof *p);
    for (size_t i = 0; i < c->each_count; i++)
        p[i] = c->each[i].p;
    sm_bh_adjust(p, c->each_count);
    for (size_t i = 0; i < c->each_count; i++) {
        struct each *each = &c->each[i];
        each->adjusted_p = p[i];
        c->helped += p[i] <= EACH_LEVEL && each->better > each->worse;
        c->harmed += p[i] <= EACH_LEVEL && each->better < each->worse;
    }
    c->usual_pairs = usual_pairs(c);
    c->takes = sm_sign_least(c->usual_pairs, EACH_LEVEL);
    c->takes_alone = sm_sign_least(c->usual_pairs, EACH_LEVEL / (double)c->each_count);
    free(p);
}

static double or_none(size_t pairs)
{
    return pairs ? (double)pairs : NAN;
}

void eval_each_members(const struct eval *e, const struct comparison *c, struct sm_buf *out)
{
    sm_buf_printf(out, ",\"helped\":{\"better\":%zu,\"worse\":%zu,\"level\":", c->helped,
                  c->harmed);
    eval_number(out, EACH_LEVEL);
    sm_buf_printf(out, ",\"pairs\":%zu", c->usual_pairs);
    eval_member(out, "takes", or_none(c->takes));
    eval_member(out, "takes_as_only_one", or_none(c->takes_alone));
    sm_buf_char(out, '}');
    if (!e->set.sequential)
        return;
    sm_buf_printf(out, ",\"sequential\":{\"users\":%zu", c->sequential.n);
    eval_member(out, "e", sm_sequential_e(&c->sequential));
    eval_member(out, "p", sm_sequential_p(&c->sequential));
    sm_buf_char(out, '}');
}

void eval_each_records(const struct comparison *c, const char *a, const char *b, struct sm_buf *out)
{
    for (size_t i = 0; i < c->each_count; i++) {
        const struct each *each = &c->each[i];
        sm_record_open(out, SM_COMPARISON, each->user);
        sm_buf_str(out, ",\"a\":");
        sm_json_cstring(out, a);
        sm_buf_str(out, ",\"b\":");
        sm_json_cstring(out, b);
        sm_buf_printf(out, ",\"pairs\":%zu,\"better\":%zu,\"worse\":%zu", each->pairs, each->better,
                      each->worse);
        eval_member(out, "difference", each->difference);
        eval_member(out, "p", each->p);
        eval_member(out, "adjusted_p", each->adjusted_p);
        sm_buf_str(out, "}\n");
    }
}

static void add_takes(struct sm_buf *out, const struct comparison *c)
{
    sm_buf_printf(out, "  Of a user's %zu pair%s, ", c->usual_pairs,
                  c->usual_pairs == 1 ? "" : "s");
    if (c->takes == 0) {
        sm_buf_str(out, "not even all going one way would show that.\n");
        return;
    }
    sm_buf_printf(out, "%zu must go one way to show that of one user tested alone, and ", c->takes);
    if (c->takes_alone)
        sm_buf_printf(out, "%zu to show it of a single one among %zu.\n", c->takes_alone,
                      c->each_count);
    else
        sm_buf_printf(out, "not even all would show it of a single one among %zu.\n",
                      c->each_count);
}

#define POWER 0.8
#define PLAN_USERS 3 /* fewer do not tell how much users differ */
#define WANTED 0.05  /* a difference that may matter */

bool eval_can_plan(double mean_se, size_t users)
{
    return users >= PLAN_USERS && mean_se > 0;
}

void eval_add_plan(struct sm_buf *out, double mean_se, size_t users, const char *what,
                   double wanted, double most)
{
    double sd = mean_se * sqrt((double)users);
    double needed = ceil(sm_power_users(wanted, sd, EACH_LEVEL, POWER));
    double least = sm_power_difference(sd, (double)users, EACH_LEVEL, POWER);
    sm_buf_printf(out, "%zu such users %s ", users, what);
    if (least <= most)
        sm_buf_printf(out, "of %.1f points with power %g", 100 * least, POWER);
    else
        sm_buf_printf(out, "of %.0f points with less than power %g", 100 * most, POWER);
    sm_buf_printf(out, ", and %.0f points take %.0f (see sm-plan)", 100 * wanted, needed);
}

void eval_each_sentences(const struct eval *e, const struct comparison *c, struct sm_buf *out)
{
    if (c->each_count > 1) {
        sm_buf_printf(out,
                      "  Better for %zu of %zu users and worse for %zu; beyond chance, by sign "
                      "tests with 5%% false discoveries, for %zu and %zu.\n",
                      c->better, c->each_count, c->worse, c->helped, c->harmed);
        add_takes(out, c);
    }
    if (c->interval.ci.low <= 0 && c->interval.ci.high >= 0 &&
        eval_can_plan(c->mean_interval.se, c->users)) {
        sm_buf_str(out, "  ");
        eval_add_plan(out, c->mean_interval.se, c->users, "show a difference", WANTED, 1);
        sm_buf_str(out, ".\n");
    }
    if (e->set.sequential)
        sm_buf_printf(out, "  Looked at after each user (%zu so far): p %.3g.\n", c->sequential.n,
                      sm_sequential_p(&c->sequential));
}

static const struct sm_column columns[] = {{"user", false},     {"pairs", true},  {"better", true},
                                           {"worse", true},     {"points", true}, {"p", true},
                                           {"adjusted p", true}};
enum { COLUMNS = sizeof columns / sizeof *columns };

static void add_user(struct sm_table *table, const struct each *each)
{
    char cells[COLUMNS][24];
    const char *texts[COLUMNS] = {each->user};
    snprintf(cells[1], sizeof cells[1], "%zu", each->pairs);
    snprintf(cells[2], sizeof cells[2], "%zu", each->better);
    snprintf(cells[3], sizeof cells[3], "%zu", each->worse);
    snprintf(cells[4], sizeof cells[4], "%+.1f", 100 * each->difference);
    snprintf(cells[5], sizeof cells[5], "%.3g", each->p);
    snprintf(cells[6], sizeof cells[6], "%.3g", each->adjusted_p);
    for (size_t i = 1; i < COLUMNS; i++)
        texts[i] = cells[i];
    sm_table_add(table, texts);
}

void eval_each_table(const struct eval *e, const struct comparison *c, struct sm_buf *out)
{
    struct sm_table *table = sm_table_open(columns, COLUMNS);
    for (size_t i = 0; i < c->each_count; i++)
        add_user(table, &c->each[i]);
    if (e->set.markdown)
        sm_buf_char(out, '\n');
    if (e->set.markdown)
        sm_table_markdown(table, out);
    else if (e->set.latex)
        sm_table_latex(table, out);
    else
        sm_table_write(table, 0, false, out);
    if (e->set.markdown)
        sm_buf_char(out, '\n');
    sm_table_close(table);
}
