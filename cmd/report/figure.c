#include "cmd/report/figure.h"

#include "cmd/report/text.h"

#include "lib/base/mem.h"

#include <math.h>
#include <stdint.h>

#define FAR 15    /* percent between marks and a line that the plot does without */
#define NARROW 10 /* percent that an axis has at least, unless it ends at 0 or 100 */

struct axis report_axis(const char *title, double low, double high)
{
    static const double steps[] = {1, 2, 5, 10, 20, 25, 50, 100, 200, 500};
    double wide = high - low, step = pow(10, floor(log10(wide > 0 ? wide / 500 : 1)) + 1);
    for (size_t i = 0; wide / step > 5 && i < sizeof steps / sizeof *steps; i++)
        step = steps[i];
    while (wide / step > 8)
        step *= 2;
    double half = step / 2;
    return (struct axis){.title = title,
                         .low = floor(low / half) * half,
                         .high = ceil(high / half) * half,
                         .step = step,
                         .unit = ""};
}

struct axis report_percent_axis(const struct figure *figure, const char *title, double also)
{
    double low = 100, high = 0;
    for (size_t i = 0; i < figure->count; i++) {
        const struct mark *mark = &figure->marks[i];
        low = fmin(low, fmin(mark->value, mark->low)); /* of a number and NAN: the number */
        high = fmax(high, fmax(mark->value, mark->high));
    }
    low = fmax(0, low); /* intervals of the basic bootstrap may reach beyond */
    high = fmin(100, high);
    if (also < low && low - also <= FAR)
        low = also;
    if (also > high && also - high <= FAR)
        high = also;
    double lacks = fmax(0, NARROW - (high - low)) / 2;
    struct axis axis = report_axis(title, fmax(0, low - lacks), fmin(100, high + lacks));
    axis.low = fmax(0, axis.low);
    axis.high = fmin(100, axis.high);
    axis.unit = "%";
    return axis;
}

double report_first_tick(const struct axis *axis)
{
    return ceil(axis->low / axis->step) * axis->step + 0.0; /* never -0 */
}

struct mark *report_mark(struct figure *figure, const char *label)
{
    struct sm_buf text = {0};
    figure->marks = sm_grow(figure->marks, figure->count, &figure->room, sizeof *figure->marks);
    struct mark *mark = &figure->marks[figure->count++];
    report_plain(&text, label, REPORT_LABEL_CHARACTERS);
    *mark = (struct mark){
        .low = NAN, .high = NAN, .size = 1, .label = sm_buf_take(&text), .user = SIZE_MAX};
    return mark;
}

void report_rule(struct figure *figure, double value, const char *label)
{
    if (value >= figure->value.low && value <= figure->value.high)
        figure->rules[figure->rule_count++] = (struct rule){value, label};
}

int report_aside(const struct figure *figure, size_t rule)
{
    if (figure->rule_count < 2)
        return 0;
    double away = figure->rules[rule].value - figure->rules[!rule].value;
    double near = (figure->rows ? 0.18 : 0.08) * (figure->value.high - figure->value.low);
    return fabs(away) >= near ? 0 : away > 0 ? 1 : -1;
}

int report_side(const struct figure *figure, size_t mark)
{
    if (mark + 1 == figure->count) /* beyond the last mark, the line would go on as before */
        return mark > 0 ? report_side(figure, mark - 1) : -1;
    return figure->marks[mark + 1].value < figure->marks[mark].value ? 1 : -1;
}

void report_figures_release(struct figure *figures, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < figures[i].count; k++)
            free(figures[i].marks[k].label);
        free(figures[i].marks);
    }
}
