#include "cmd/eval/table.h"

#include "cmd/eval/each.h"
#include "cmd/eval/figures.h"

#include <math.h>

#define FEW 50 /* with fewer verdicts, the table says what that means */

/* Every table has these columns; a learning curve has others between them. */
#define ACCURACY                                                                                   \
    {"pairs", true}, {"accuracy", true},                                                           \
    {                                                                                              \
        "95% interval", true                                                                       \
    }
#define COUNTS                                                                                     \
    {"ties", true}, {"failed", true},                                                              \
    {                                                                                              \
        "first", true                                                                              \
    }
enum { COLUMNS = 7, CURVE_COLUMNS = 9, SHRUNK_COLUMNS = COLUMNS + 1, SHRUNK = 4 };

static const struct sm_column user_columns[COLUMNS] = {{"user", false}, ACCURACY, COUNTS};
static const struct sm_column shrunk_columns[SHRUNK_COLUMNS] = {
    {"user", false}, ACCURACY, {"shrunk", true}, COUNTS};
static const struct sm_column file_columns[COLUMNS] = {{"verdicts of", false}, ACCURACY, COUNTS};
static const struct sm_column curve_columns[CURVE_COLUMNS] = {
    {"verdicts of", false}, {"learned from", true}, ACCURACY, {"difference", true}, COUNTS};

bool eval_has_table(const struct eval *e)
{
    return e->set.table || e->set.markdown || e->set.latex;
}

static void add_percent(struct sm_buf *out, double number)
{
    if (isnan(number))
        sm_buf_char(out, '-');
    else
        sm_buf_printf(out, "%.1f%%", 100 * number);
}

static void add_interval(struct sm_buf *out, struct sm_ci ci)
{
    if (isnan(ci.low))
        sm_buf_char(out, '-');
    else
        sm_buf_printf(out, "[%.1f%%, %.1f%%]", 100 * ci.low, 100 * ci.high);
}

static void add_accuracy(const struct sm_tally *t, const struct estimates *figures,
                         struct sm_buf cells[3])
{
    const struct estimate *accuracy = &figures->of[SM_OF_ACCURACY];
    sm_buf_printf(&cells[0], "%zu", t->pairs);
    add_percent(&cells[1], eval_mean(accuracy));
    add_interval(&cells[2], accuracy->interval.ci);
}

static void add_counts(const struct sm_tally *t, struct sm_buf cells[3])
{
    sm_buf_printf(&cells[0], "%zu", t->ties);
    sm_buf_printf(&cells[1], "%zu", t->failed);
    add_percent(&cells[2], eval_share((double)t->first, (double)t->decided));
}

/* Consumes the cells. */
static void add_row(const struct eval *e, struct sm_buf *cells, size_t count)
{
    const char *texts[CURVE_COLUMNS] = {0}; /* no table has more */
    for (size_t i = 0; i < count; i++)
        texts[i] = sm_buf_text(&cells[i]);
    sm_table_add(e->table, texts);
    for (size_t i = 0; i < count; i++)
        sm_buf_release(&cells[i]);
}

/* What stands out in colors: an accuracy that lies above one half with its whole interval, or below
 * it, and failed verdicts. `first` is the column of the accuracy, `failed` theirs. */
static void style_row(const struct eval *e, const struct sm_tally *t,
                      const struct estimates *figures, size_t first, size_t failed)
{
    struct sm_ci ci = figures->of[SM_OF_ACCURACY].interval.ci;
    enum sm_style style = ci.low > 0.5 ? SM_GREEN : ci.high < 0.5 ? SM_RED : SM_PLAIN;
    sm_table_style(e->table, first, style);
    sm_table_style(e->table, first + 1, style);
    if (t->failed)
        sm_table_style(e->table, failed, SM_RED);
}

/* `shrunk` may be NULL, or have NAN as its mean for what has no such figure. */
static void add_named(const struct eval *e, const char *name, const struct sm_tally *t,
                      const struct estimates *figures, const struct sm_shrunk *shrunk)
{
    struct sm_buf cells[SHRUNK_COLUMNS] = {0};
    sm_buf_str(&cells[0], name);
    add_accuracy(t, figures, cells + 1);
    if (shrunk && isnan(shrunk->mean))
        sm_buf_char(&cells[SHRUNK], '-');
    else if (shrunk)
        sm_buf_printf(&cells[SHRUNK], "%.1f%% [%.1f%%, %.1f%%]", 100 * shrunk->mean,
                      100 * shrunk->low, 100 * shrunk->high);
    add_counts(t, cells + (shrunk ? SHRUNK + 1 : SHRUNK));
    size_t columns = shrunk ? SHRUNK_COLUMNS : COLUMNS;
    add_row(e, cells, columns);
    style_row(e, t, figures, 2, columns - 2);
}

/* A sentence below the table about what its intervals are. `users`: how many it has rows of;
 * `by_user` and `by_pair`: what there are among those over all. */
static void add_method(struct eval *e, size_t users, bool by_user, bool by_pair)
{
    const char *name = sm_ci_name(e->method);
    sm_buf_str(&e->text, "Intervals: ");
    if (e->method == SM_CI_CLUSTER || e->method == SM_CI_KORN_GRAUBARD)
        sm_buf_printf(&e->text, "--ci %s, by user, of one user by pair.\n", name);
    else if (e->method != SM_CI_AUTO)
        sm_buf_printf(&e->text,
                      "--ci %s, which takes a pair's orders, and a user's pairs, as independent.\n",
                      name);
    else if (by_user && users > 0)
        sm_buf_str(&e->text, "of all by user (CR2), of a user by pair (Wilson).\n");
    else if (by_user)
        sm_buf_printf(&e->text, "by user (CR2)%s.\n",
                      by_pair ? "; of one user, or of users all alike, by pair (Wilson)" : "");
    else
        sm_buf_printf(&e->text, "by pair (Wilson)%s.\n",
                      users > 1 ? ", as the users do not differ" : "");
}

static bool is_by(const struct judged *judged, char unit)
{
    const struct interval *all = &judged->figures.of[SM_OF_ACCURACY].interval;
    return !isnan(all->ci.low) && all->unit[0] == unit;
}

/* A sentence below the table about what few verdicts mean. */
static void add_caution(const struct sm_tally *all, const struct estimates *figures,
                        struct sm_buf *out)
{
    struct sm_ci ci = figures->of[SM_OF_ACCURACY].interval.ci;
    const struct sm_clustered *users = &figures->clustered;
    size_t n = all->n;
    if (n == 0 || n >= FEW)
        return;
    sm_buf_printf(out, "With %zu verdict%s", n, n == 1 ? "" : "s");
    if (ci.low < ci.high)
        sm_buf_str(out, " the interval is wide: ");
    else
        sm_buf_printf(out, " and none %s the interval cannot show how much is chance: ",
                      all->correct ? "wrong" : "correct");
    sm_buf_str(out, "hold out more pairs, or more users, before you compare judges");
    if (eval_can_plan(users->mean_se, users->clusters)) {
        sm_buf_str(out, ". ");
        eval_add_plan(out, users->mean_se, users->clusters,
                      "tell an accuracy from one half at a distance", 0.1, 0.5);
    }
    sm_buf_str(out, ".\n");
}

/* Replies without a verdict count as ties, which no score should hide. */
static void add_unread(struct eval *e, const char *file, const struct sm_tally *t)
{
    static const char *const ties[] = {[TIES_WRONG] = "count as wrong",
                                       [TIES_HALF] = "count half",
                                       [TIES_DROPPED] = "are left out"};
    const struct {
        size_t count;
        const char *name;
    } kinds[] = {{t->unparsed, "unparsed"}, {t->truncated, "truncated"}, {t->refused, "refused"}};
    size_t all = t->unparsed + t->truncated + t->refused;
    const char *comma = "";
    if (all == 0)
        return;
    if (file)
        sm_buf_printf(&e->text, "%s: ", file);
    sm_buf_printf(&e->text, "%zu %s without a verdict (", all, all == 1 ? "reply" : "replies");
    for (size_t i = 0; i < 3; i++) {
        if (kinds[i].count == 0)
            continue;
        sm_buf_printf(&e->text, "%s%zu %s", comma, kinds[i].count, kinds[i].name);
        comma = ", ";
    }
    sm_buf_printf(&e->text, ") among the ties, which %s.\n", ties[e->ties]);
}

static void open_table(struct eval *e, const struct sm_column *columns, size_t count)
{
    if (!e->table)
        e->table = sm_table_open(columns, count);
}

static void open_user_table(struct eval *e)
{
    if (e->set.by_user)
        open_table(e, shrunk_columns, SHRUNK_COLUMNS);
    else
        open_table(e, user_columns, COLUMNS);
}

void eval_table_user(struct eval *e, const char *user, const struct sm_tally *t,
                     const struct estimates *figures, const struct sm_shrunk *shrunk)
{
    if (e->several)
        return;
    open_user_table(e);
    add_named(e, user, t, figures, e->set.by_user ? shrunk : NULL);
}

/* The mean of the users beside that of all verdicts. */
static void add_macro(struct eval *e, const struct estimates *figures)
{
    sm_buf_printf(&e->text, "Mean of the %zu users: ", figures->clustered.clusters);
    add_percent(&e->text, figures->macro);
    sm_buf_char(&e->text, ' ');
    add_interval(&e->text, figures->macro_interval.ci);
    if (figures->clustered.se > 0)
        sm_buf_printf(&e->text, ", design effect %.1f", figures->clustered.deff);
    sm_buf_str(&e->text, ".\n");
}

void eval_table_all(struct eval *e, struct judged *judged)
{
    static const struct sm_shrunk none = {NAN, NAN, NAN, NAN};
    const struct estimates *figures = &judged->figures;
    bool several = judged->by_user[SM_OF_ACCURACY].count > 1;
    if (e->several)
        return;
    open_user_table(e);
    add_named(e, "all", &judged->all, figures, e->set.by_user ? &none : NULL);
    if (several)
        add_macro(e, figures);
    if (figures->of[SM_OF_ACCURACY].count > 0)
        add_method(e, judged->by_user[SM_OF_ACCURACY].count, is_by(judged, 'u'),
                   is_by(judged, 'p'));
    if (e->set.by_user)
        sm_buf_str(&e->text, "Shrunk: what a user's pairs and those of the others together speak "
                             "for, with its 95% credible interval.\n");
    add_unread(e, NULL, &judged->all);
    add_caution(&judged->all, figures, &e->text);
}

/* A row while rows are sorted. */
struct point {
    const struct judged *judged;
};

static int by_learned(const void *left, const void *right)
{
    const struct judged *a = ((const struct point *)left)->judged;
    const struct judged *b = ((const struct point *)right)->judged;
    double of_a = eval_learned(a), of_b = eval_learned(b);
    return of_a != of_b ? (of_a > of_b) - (of_a < of_b) : (a > b) - (a < b);
}

/* Whether sorted inputs are a learning curve: it is known from how many pairs each learned, and no
 * two learned from as many; those that did differ in something else. */
static bool is_curve(const struct point *order, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double learned = eval_learned(order[i].judged);
        if (isnan(learned) || (i > 0 && learned == eval_learned(order[i - 1].judged)))
            return false;
    }
    return count > 1;
}

static void add_point(const struct eval *e, const struct judged *judged)
{
    struct sm_buf cells[CURVE_COLUMNS] = {0};
    sm_buf_str(&cells[0], judged->name);
    sm_buf_printf(&cells[1], "%.4g", eval_learned(judged));
    const struct comparison *c = &judged->against_first;
    add_accuracy(&judged->all, &judged->figures, cells + 2);
    if (c->made)
        sm_buf_printf(&cells[5], "%+.1f [%+.1f, %+.1f]", 100 * c->difference,
                      100 * c->interval.ci.low, 100 * c->interval.ci.high);
    else
        sm_buf_char(&cells[5], '-');
    add_counts(&judged->all, cells + 6);
    add_row(e, cells, CURVE_COLUMNS);
    style_row(e, &judged->all, &judged->figures, 3, CURVE_COLUMNS - 2);
}

void eval_table_files(struct eval *e, const struct judged *judged, size_t count)
{
    struct point *order = sm_alloc(count, sizeof *order), *sorted = sm_alloc(count, sizeof *sorted);
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (sm_string_set_count(judged[i].users) > 0)
            order[used++].judged = &judged[i];
    }
    memcpy(sorted, order, used * sizeof *order);
    qsort(sorted, used, sizeof *sorted, by_learned);
    bool curve = is_curve(sorted, used);
    if (curve)
        open_table(e, curve_columns, CURVE_COLUMNS);
    else
        open_table(e, file_columns, COLUMNS);
    for (size_t i = 0; i < used; i++) {
        if (curve)
            add_point(e, sorted[i].judged);
        else
            add_named(e, order[i].judged->name, &order[i].judged->all, &order[i].judged->figures,
                      false);
    }
    bool by_user = false, by_pair = false, any = false;
    for (size_t i = 0; i < used; i++) {
        any |= order[i].judged->figures.of[SM_OF_ACCURACY].count > 0;
        by_user |= is_by(order[i].judged, 'u');
        by_pair |= is_by(order[i].judged, 'p');
    }
    if (any)
        add_method(e, 0, by_user, by_pair);
    for (size_t i = 0; i < used; i++)
        add_unread(e, (curve ? sorted : order)[i].judged->name,
                   &(curve ? sorted : order)[i].judged->all);
    free(order);
    free(sorted);
}
