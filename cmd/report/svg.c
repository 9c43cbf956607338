#include "cmd/report/svg.h"

#include "cmd/report/text.h"

#include "lib/base/utf8.h"

#include <math.h>
#include <stdint.h>

/* In the units of the drawing, which the page scales to the screen. */
#define WIDTH 440
#define PLOT_HEIGHT 240
#define ROW_HEIGHT 22
#define TOP 32
#define BOTTOM 44
#define RIGHT 44      /* room for the names of lines across */
#define RIGHT_ROWS 22 /* for half of the last number */
#define TICKS_MAX 12
#define LABEL_CHARACTERS 26 /* of a name beside the plot */
#define LABEL_WIDTH 7.0     /* roughly, of one character */

struct canvas {
    const struct figure *figure;
    struct sm_buf *out;
    double left, right, top, bottom; /* of the plot */
};

static double place(double low, double high, double value, double from, double to)
{
    double share = high > low ? (value - low) / (high - low) : 0.5;
    return from + fmin(1, fmax(0, share)) * (to - from);
}

/* A place along `at`, and one along `value`; beyond the axis, its end. */
static double along_at(const struct canvas *c, double at)
{
    const struct axis *axis = &c->figure->at;
    return c->figure->rows ? place(axis->low, axis->high, at, c->top, c->bottom)
                           : place(axis->low, axis->high, at, c->left, c->right);
}

static double along_value(const struct canvas *c, double value)
{
    const struct axis *axis = &c->figure->value;
    return c->figure->rows ? place(axis->low, axis->high, value, c->left, c->right)
                           : place(axis->low, axis->high, value, c->bottom, c->top);
}

static void draw_line(const struct canvas *c, const char *class, double x1, double y1, double x2,
                      double y2)
{
    sm_buf_printf(c->out, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
                  class, x1, y1, x2, y2);
}

static void draw_text(const struct canvas *c, const char *class, double x, double y,
                      const char *words)
{
    sm_buf_printf(c->out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", class, x, y);
    report_text(c->out, words);
    sm_buf_str(c->out, "</text>");
}

/* A line across the plot at a value, or up it at a place. */
static void draw_across(const struct canvas *c, const char *class, bool upright, double at)
{
    if (upright)
        draw_line(c, class, at, c->top, at, c->bottom);
    else
        draw_line(c, class, c->left, at, c->right, at);
}

static void draw_ticks(const struct canvas *c, const struct axis *axis, bool upright, bool grid)
{
    char words[32];
    double from = report_first_tick(axis);
    int count = (int)fmin(TICKS_MAX, (axis->high - from) / axis->step + 1);
    for (int i = 0; i < count; i++) {
        double tick = from + i * axis->step;
        double at = axis == &c->figure->at ? along_at(c, tick) : along_value(c, tick);
        snprintf(words, sizeof words, "%s%.10g%s", tick < 0 ? "\xe2\x88\x92" : "", fabs(tick),
                 axis->unit);
        if (grid)
            draw_across(c, "grid", upright, at);
        if (upright)
            draw_text(c, "tick middle", at, c->bottom + 16, words);
        else
            draw_text(c, "tick end", c->left - 6, at + 4, words);
    }
}

static void draw_axes(const struct canvas *c)
{
    const struct figure *f = c->figure;
    draw_ticks(c, &f->value, f->rows, true);
    if (!f->rows)
        draw_ticks(c, &f->at, true, false);
    const char *below = f->rows ? f->value.title : f->at.title;
    draw_text(c, "axis middle", (c->left + c->right) / 2, c->bottom + 36, below ? below : "");
    if (!f->rows && f->value.title)
        draw_text(c, "axis", 4, c->top - 12, f->value.title);
    for (size_t i = 0; f->rows && i < f->count; i++) {
        struct sm_buf name = {0};
        report_plain(&name, f->marks[i].label, LABEL_CHARACTERS);
        draw_text(c, "name end", c->left - 11, along_at(c, f->marks[i].at) + 4, sm_buf_text(&name));
        sm_buf_release(&name);
    }
}

static void draw_rules(const struct canvas *c)
{
    for (size_t i = 0; i < c->figure->rule_count; i++) {
        const struct rule *rule = &c->figure->rules[i];
        double at = along_value(c, rule->value);
        draw_across(c, "rule", c->figure->rows, at);
        int aside = report_aside(c->figure, i);
        if (c->figure->rows)
            draw_text(c,
                      aside < 0   ? "tick end"
                      : aside > 0 ? "tick"
                                  : "tick middle",
                      at + 2 * aside, c->top - 6, rule->label);
        else
            draw_text(c, "tick", c->right + 5, at + 4 - 6 * aside, rule->label);
    }
    if (c->figure->diagonal)
        draw_line(c, "rule", c->left, c->bottom, c->right, c->top);
}

static void move_to(const struct canvas *c, char how, double at, double value)
{
    double a = along_at(c, at), v = along_value(c, value);
    sm_buf_printf(c->out, "%c%.1f %.1f", how, c->figure->rows ? v : a, c->figure->rows ? a : v);
}

static void draw_lines(const struct canvas *c, bool many)
{
    const struct figure *f = c->figure;
    sm_buf_printf(c->out, "<path class=\"%s\" d=\"", many ? "bar thin" : "bar");
    for (size_t i = 0; i < f->count; i++) {
        if (isnan(f->marks[i].low) || isnan(f->marks[i].high))
            continue;
        move_to(c, 'M', f->marks[i].at, f->marks[i].low);
        move_to(c, 'L', f->marks[i].at, f->marks[i].high);
    }
    sm_buf_str(c->out, "\"/>");
    if (!f->joined)
        return;
    sm_buf_str(c->out, "<path class=\"join\" d=\"");
    for (size_t i = 0; i < f->count; i++)
        move_to(c, i ? 'L' : 'M', f->marks[i].at, f->marks[i].value);
    sm_buf_str(c->out, "\"/>");
}

/* What a pointer that rests on a mark shows. */
static void add_tooltip(const struct canvas *c, const struct mark *mark)
{
    const struct axis *axis = &c->figure->value;
    sm_buf_str(c->out, "<title>");
    report_text(c->out, mark->label);
    sm_buf_printf(c->out, ": %.1f%s", mark->value, axis->unit);
    if (!isnan(mark->low) && !isnan(mark->high))
        sm_buf_printf(c->out, " [%.1f, %.1f]", mark->low, mark->high);
    sm_buf_str(c->out, "</title>");
}

static void draw_marks(const struct canvas *c, bool many)
{
    const struct figure *f = c->figure;
    for (size_t i = 0; i < f->count; i++) {
        const struct mark *mark = &f->marks[i];
        double a = along_at(c, mark->at), v = along_value(c, mark->value);
        double x = f->rows ? v : a, y = f->rows ? a : v;
        /* the table has the same links for the keyboard */
        if (mark->user != SIZE_MAX)
            sm_buf_printf(c->out, "<a href=\"#u%zu\" tabindex=\"-1\">", mark->user);
        sm_buf_printf(c->out, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\">", x, y,
                      many ? 1.6 : 1.5 + 3.5 * mark->size);
        add_tooltip(c, mark);
        sm_buf_str(c->out, "</circle>");
        if (mark->user != SIZE_MAX)
            sm_buf_str(c->out, "</a>");
        if (f->joined && !f->diagonal)
            draw_text(c, "name", x + 7, y + 4 - 11 * report_side(f, i), mark->label);
    }
}

/* How wide the names on the left are. */
static double label_width(const struct figure *figure)
{
    size_t most = 0;
    for (size_t i = 0; i < figure->count; i++) {
        size_t count = 0;
        for (const char *p = figure->marks[i].label; *p; p++)
            count += sm_utf8_is_start(*p);
        most = count > most ? count : most;
    }
    return LABEL_WIDTH * fmin(LABEL_CHARACTERS, (double)most);
}

void report_svg(const struct figure *figure, struct sm_buf *out)
{
    bool many = !figure->rows && !figure->joined;
    double height = figure->rows ? ROW_HEIGHT * (double)figure->count : PLOT_HEIGHT;
    struct canvas c = {.figure = figure,
                       .out = out,
                       .top = TOP,
                       .right = WIDTH - (figure->rows ? RIGHT_ROWS : RIGHT)};
    c.left = figure->rows ? 19 + label_width(figure) : 48;
    c.bottom = TOP + height;
    sm_buf_str(out, "<figure><figcaption>");
    report_text(out, figure->title);
    /* Links of 5,000 marks are nothing to be read aloud. */
    sm_buf_printf(out,
                  "<span class=\"unseen\">: a plot of %zu marks, whose figures are in the tables"
                  "</span></figcaption><svg viewBox=\"0 0 %d %.0f\" aria-hidden=\"true\">",
                  figure->count, WIDTH, TOP + height + BOTTOM);
    draw_axes(&c);
    draw_lines(&c, many);
    draw_rules(&c);
    draw_marks(&c, many);
    sm_buf_str(out, "</svg></figure>\n");
}
