#include "cmd/report/kinds.h"

#include "cmd/report/text.h"

#include "lib/json/json.h"

#include <math.h>
#include <stdint.h>

#define CHANCE 50.0    /* percent */
#define DIFFERENCE 5.0 /* points that are shown in any case, on both sides of none */

const char *const report_kinds[KINDS] = {
    [KIND_ACCURACY] = "accuracy",
    [KIND_COMPARISON] = "comparison",
    [KIND_RELIABILITY] = "reliability",
    [KIND_CURVE] = "curve",
};

/* The file of a `result` over all of one of several files; NULL for any other record. */
static const char *file_of(const struct report *report, size_t i)
{
    const char *type = sm_json_text(report->shared[i], "type", NULL);
    return type && strcmp(type, "result") == 0 ? sm_json_text(report->shared[i], "file", NULL)
                                               : NULL;
}

/* The title of an axis says of what its intervals are; `unit` as in struct result, or NULL. */
static const char *interval_title(const char *unit, bool points)
{
    static const struct {
        const char *unit, *accuracy, *points;
    } titles[] = {
        {"user", "accuracy, 95% interval by user", "points, 95% interval by user"},
        {"pair", "accuracy, 95% interval by pair", "points, 95% interval by pair"},
        {"verdict", "accuracy, 95% interval by verdict", "points, 95% interval by verdict"},
    };
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
        if (unit && strcmp(unit, titles[i].unit) == 0)
            return points ? titles[i].points : titles[i].accuracy;
    }
    return points ? "points, 95% interval" : "accuracy, 95% interval";
}

/* That of all together; "" if they differ. */
static void join_unit(const char **all, const char *unit)
{
    *all = !*all || strcmp(*all, unit) == 0 ? unit : "";
}

static int by_value(const void *left, const void *right)
{
    const struct mark *a = left, *b = right;
    if (a->value != b->value)
        return a->value > b->value ? -1 : 1;
    return (a->user > b->user) - (a->user < b->user);
}

static size_t accuracy_figure(const struct report *report, struct figure *figure)
{
    struct result all = report_result_of(report->all);
    const char *unit = NULL;
    for (size_t i = 0; i < report->row_count; i++) {
        const struct result *f = &report->rows[i].result;
        if (isnan(f->accuracy))
            continue;
        join_unit(&unit, f->unit);
        struct mark *mark = report_mark(figure, report->rows[i].user);
        mark->user = i;
        mark->value = 100 * f->accuracy;
        mark->low = 100 * f->low;
        mark->high = 100 * f->high;
    }
    if (figure->count == 0)
        return 0;
    figure->rows = figure->count <= REPORT_SHORT;
    figure->title = "Accuracy by user";
    figure->value = report_percent_axis(figure, interval_title(unit, false), CHANCE);
    figure->at = (struct axis){.low = -0.5, .high = (double)figure->count - 0.5};
    qsort(figure->marks, figure->count, sizeof *figure->marks, by_value);
    for (size_t i = 0; i < figure->count; i++)
        figure->marks[i].at = (double)i;
    if (!figure->rows) {
        figure->at = report_axis("users, the most accurate first", 0, (double)figure->count);
        figure->at.low = -0.5;
        figure->at.high = (double)figure->count - 0.5;
    }
    report_rule(figure, CHANCE, "chance");
    if (figure->count > 1 && all.accuracy != 0.5)
        report_rule(figure, 100 * all.accuracy, "all");
    return 1;
}

/* A file's accuracy. */
static struct mark *add_judge(const struct report *report, struct figure *figure, size_t i,
                              const char **unit)
{
    struct result f = report_result_of(report->shared[i]);
    join_unit(unit, f.unit);
    struct mark *mark = report_mark(figure, names_of(&report->names, file_of(report, i)));
    mark->value = 100 * f.accuracy;
    mark->low = 100 * f.low;
    mark->high = 100 * f.high;
    mark->at = (double)figure->count - 1;
    return mark;
}

/* The accuracy of each judge, drawn to the left of its difference from the first one. */
static void judges_figure(const struct report *report, struct figure *figure)
{
    const char *unit = NULL;
    for (size_t i = 0; i < report->shared_count; i++) {
        if (file_of(report, i) && !isnan(sm_json_number(report->shared[i], "accuracy", NAN)))
            add_judge(report, figure, i, &unit);
    }
    figure->rows = true;
    figure->title = "Accuracy by judge";
    figure->value = report_percent_axis(figure, interval_title(unit, false), CHANCE);
    figure->at = (struct axis){.low = -0.5, .high = (double)figure->count - 0.5};
    report_rule(figure, CHANCE, "chance");
}

static void difference_mark(const struct report *report, struct figure *figure, jv record,
                            const char **unit)
{
    jv ci = sm_json_get(record, "ci");
    struct sm_buf label = {0};
    double difference = sm_json_number(record, "difference", NAN);
    const char *a = sm_json_text(record, "a", NULL), *b = sm_json_text(record, "b", NULL);
    if (!isnan(difference) && a && b) {
        report_plain(&label, names_of(&report->names, b), REPORT_LABEL_CHARACTERS);
        sm_buf_str(&label, " \xe2\x88\x92 ");
        report_plain(&label, names_of(&report->names, a), REPORT_LABEL_CHARACTERS);
        struct mark *mark = report_mark(figure, sm_buf_text(&label));
        mark->at = (double)figure->count - 1;
        mark->value = 100 * difference;
        join_unit(unit, report_unit_of(ci));
        mark->low = 100 * sm_json_number(ci, "low", NAN);
        mark->high = 100 * sm_json_number(ci, "high", NAN);
    }
    sm_buf_release(&label);
    jv_free(ci);
}

static void differences_figure(const struct report *report, struct figure *figure)
{
    const char *unit = NULL;
    double low = -DIFFERENCE, high = DIFFERENCE;
    for (size_t i = 0; i < report->shared_count; i++) {
        const char *type = sm_json_text(report->shared[i], "type", NULL);
        if (type && strcmp(type, "comparison") == 0)
            difference_mark(report, figure, report->shared[i], &unit);
    }
    for (size_t i = 0; i < figure->count; i++) {
        const struct mark *mark = &figure->marks[i];
        low = fmin(low, fmin(mark->value, mark->low));
        high = fmax(high, fmax(mark->value, mark->high));
    }
    figure->rows = true;
    figure->title = "Difference on the same pairs";
    figure->value = report_axis(interval_title(unit, true), low, high);
    figure->at = (struct axis){.low = -0.5, .high = (double)figure->count - 0.5};
    report_rule(figure, 0, "none");
}

static size_t comparison_figures(const struct report *report, struct figure *figures)
{
    differences_figure(report, &figures[1]);
    if (figures[1].count == 0) {
        report_figures_release(&figures[1], 1);
        return 0;
    }
    judges_figure(report, &figures[0]);
    if (figures[0].count > 0)
        return 2;
    figures[0] = figures[1];
    return 1;
}

/* Both axes are alike, so that the diagonal is where it is expected. */
static void reliability_axes(struct figure *figure)
{
    struct figure both = {.count = figure->count, .marks = figure->marks};
    struct axis axis = report_percent_axis(&both, NULL, NAN);
    double low = axis.low, high = axis.high;
    for (size_t i = 0; i < figure->count; i++) {
        low = fmin(low, figure->marks[i].at);
        high = fmax(high, figure->marks[i].at);
    }
    figure->at = figure->value = report_axis(NULL, low, high);
    figure->at.unit = figure->value.unit = "%";
    figure->at.title = "the judge's probability that the first reply is preferred";
    figure->value.title = "how often the user chose it, 95% interval";
}

static size_t reliability_figure(const struct report *report, struct figure *figure)
{
    jv calibration = sm_json_get(report->all, "calibration");
    jv bins = sm_json_get(calibration, "bins");
    double most = 0;
    int count = jv_get_kind(bins) == JV_KIND_ARRAY ? jv_array_length(jv_copy(bins)) : 0;
    for (int i = 0; i < count; i++) {
        jv bin = jv_array_get(jv_copy(bins), i);
        double n = sm_json_number(bin, "n", 0), first = sm_json_number(bin, "first", NAN);
        double p = sm_json_number(bin, "p_first", NAN);
        struct sm_buf label = {0};
        sm_buf_printf(&label, "%.0f verdicts", n);
        if (n >= 1 && n <= 1e15 && first >= 0 && first <= 1 && p >= 0 && p <= 1) {
            struct mark *mark = report_mark(figure, sm_buf_text(&label));
            struct sm_ci ci = sm_ci_wilson((size_t)round(first * n), (size_t)n);
            mark->at = 100 * p;
            mark->value = 100 * first;
            mark->low = 100 * ci.low;
            mark->high = 100 * ci.high;
            mark->size = n;
            most = fmax(most, n);
        }
        sm_buf_release(&label);
        jv_free(bin);
    }
    for (size_t i = 0; i < figure->count; i++)
        figure->marks[i].size = 0.3 + 0.7 * sqrt(figure->marks[i].size / most);
    figure->joined = figure->diagonal = true;
    figure->title = "Reliability";
    reliability_axes(figure);
    jv_free(bins);
    jv_free(calibration);
    return figure->count > 0;
}

static int by_place(const void *left, const void *right)
{
    const struct mark *a = left, *b = right;
    return (a->at > b->at) - (a->at < b->at);
}

static size_t curve_figure(const struct report *report, struct figure *figure)
{
    double least = INFINITY, most = 0;
    const char *unit = NULL;
    for (size_t i = 0; i < report->shared_count; i++) {
        double learned = sm_json_number(report->shared[i], "learned_from", NAN);
        if (!file_of(report, i) || isnan(learned) ||
            isnan(sm_json_number(report->shared[i], "accuracy", NAN)))
            continue;
        add_judge(report, figure, i, &unit)->at = learned;
        least = fmin(least, learned);
        most = fmax(most, learned);
    }
    if (figure->count < 2)
        return 0;
    qsort(figure->marks, figure->count, sizeof *figure->marks, by_place);
    for (size_t i = 1; i < figure->count; i++)
        if (figure->marks[i].at == figure->marks[i - 1].at)
            return 0; /* they differ in something else */
    figure->joined = true;
    figure->title = "Learning curve";
    double from = least < most / 2 ? 0 : least - 0.05 * (most - least);
    figure->at = report_axis("pairs learned from, mean of the users", from,
                             most + 0.15 * (most - from)); /* with room for the last name */
    figure->value = report_percent_axis(figure, interval_title(unit, false), CHANCE);
    report_rule(figure, CHANCE, "chance");
    return 1;
}

static const struct {
    const char *lacks, *remedy;
} missing[KINDS] = {
    [KIND_ACCURACY] = {"no user with an accuracy",
                       "give it verdicts of sm-judge with a label, or results of sm-eval"},
    [KIND_COMPARISON] = {"no comparison", "give it the output of sm-eval A.jsonl B.jsonl"},
    [KIND_RELIABILITY] = {"no verdict with a probability",
                          "judge with sm-judge --votes N, or with a model that tells p_first"},
    [KIND_CURVE] = {"no judges that all learned from different numbers of pairs",
                    "give it the output of sm-eval A.jsonl B.jsonl ..., of whole streams"},
};

size_t report_figures(const struct report *report, enum report_kind kind,
                      struct figure figures[FIGURES_MAX], struct sm_err *err)
{
    size_t count = 0;
    for (size_t i = 0; i < FIGURES_MAX; i++)
        figures[i] = (struct figure){0};
    switch (kind) {
    case KIND_ACCURACY:
        count = accuracy_figure(report, figures);
        break;
    case KIND_COMPARISON:
        count = comparison_figures(report, figures);
        break;
    case KIND_RELIABILITY:
        count = reliability_figure(report, figures);
        break;
    case KIND_CURVE:
        count = curve_figure(report, figures);
        break;
    default:
        break;
    }
    if (count > 0)
        return count;
    report_figures_release(figures, FIGURES_MAX);
    sm_err_set(err, SM_EXIT_INPUT, missing[kind].remedy, "nothing to plot: the input has %s",
               missing[kind].lacks);
    return 0;
}
