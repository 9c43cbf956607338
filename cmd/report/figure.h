/* What is drawn: marks on two axes, each with an interval. It is known here where things go, not
 * how they are drawn. */
#ifndef CMD_REPORT_FIGURE_H
#define CMD_REPORT_FIGURE_H

#include "lib/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct mark {
    double at, value, low, high; /* low is NAN: no interval */
    double size;                 /* 0 to 1: of the greatest weight */
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
    bool rows;     /* `at` are rows with names, from the top, and values run across */
    bool joined;   /* the marks are one line */
    bool diagonal; /* where value is at */
    struct rule {
        double value;
        const char *label;
    } rules[2];
    size_t rule_count;
    struct mark *marks;
    size_t count, room;
};

#define REPORT_LABEL_CHARACTERS 36 /* of a label; the rest is cut */

/* Adds a mark without an interval; copies `label`. */
struct mark *report_mark(struct figure *figure, const char *label);

/* Adds a line across; none where `value` is NAN. Borrows `label`. */
void report_rule(struct figure *figure, double value, const char *label);

/* About five steps that people count in, wide enough for low to high. Borrows `title`. */
struct axis report_axis(const char *title, double low, double high);

/* From 0 to 100 percent. Borrows `title`. */
struct axis report_percent_axis(const char *title);

/* Where the label of a rule goes, not to lie on that of the other: below its value (-1), above (1),
 * or at it. */
int report_aside(const struct figure *figure, size_t rule);

/* Where the label of a mark on a line goes, so that the line does not cross it: above the mark (1)
 * or below (-1), on the right. */
int report_side(const struct figure *figure, size_t mark);

void report_figures_release(struct figure *figures, size_t count);

#endif
