/* What to draw: marks on two axes, each with an interval. A figure knows where things go, not how
 * they are drawn. */
#ifndef CMD_REPORT_FIGURE_H
#define CMD_REPORT_FIGURE_H

#include "lib/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct mark {
    double at, value, low, high; /* low is NAN without an interval */
    double size;                 /* 0 to 1, relative to the greatest */
    char *label;
    size_t user; /* its row in the table; SIZE_MAX: none */
};
struct axis {
    const char *title;
    double low, high, step;
    const char *unit; /* behind each number: "%" or "" */
};
struct figure {
    const char *title;
    struct axis at, value;
    bool rows;     /* `at` counts named rows from the top, and values run across */
    bool joined;   /* a line joins the marks */
    bool diagonal; /* with the line where value = at */
    struct rule {
        double value;
        const char *label;
    } rules[2];
    size_t rule_count;
    struct mark *marks;
    size_t count, room;
};

#define REPORT_LABEL_CHARACTERS 36 /* of a label; the rest is cut off */

/* Adds a mark without an interval; copies `label`. */
struct mark *report_mark(struct figure *figure, const char *label);

/* Adds a line across the plot; none if `value` is NAN or beyond the axis. Borrows `label`. */
void report_rule(struct figure *figure, double value, const char *label);

/* An axis from low to high, or a bit beyond, in about five round steps. Borrows `title`. */
struct axis report_axis(const char *title, double low, double high);

/* Where the steps of an axis that has them begin. */
double report_first_tick(const struct axis *axis);

/* An axis of percent where the marks are, with their intervals, and `also` (or NAN) if that is not
 * far from them. Borrows `title`. */
struct axis report_percent_axis(const struct figure *figure, const char *title, double also);

/* Where to put the label of a rule so that it does not cover the other's: below its value (-1),
 * above (1), or at it (0). */
int report_aside(const struct figure *figure, size_t rule);

/* Where to put the label of a mark so that the line does not cross it: on the right, above the mark
 * (1) or below (-1). */
int report_side(const struct figure *figure, size_t mark);

void report_figures_release(struct figure *figures, size_t count);

#endif
