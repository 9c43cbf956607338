/* sm-report in parts: reading a stream (report_read.c), and each user in it (report_user.c), what
 * the figures show (report_figure.c), drawn by gnuplot (report_gnuplot.c) or into the page
 * (report_svg.c), the page (report_page.c), and the file that either becomes (report_sink.c). */
#ifndef CMD_REPORT_REPORT_H
#define CMD_REPORT_REPORT_H

#include "cmd/eval/eval.h"
#include "lib/base/string_set.h"
#include "lib/io/user_spool.h"

#define REPORT_SHORT 40 /* more users than this are drawn without their names */

/* Where a page or a plot goes: a file that is whole or not there, or standard output. */
struct sink {
    struct app *app;
    struct sm_output output;
    char *path, *part; /* NULL: standard output; `part` NULL: written in place (a device) */
    bool failed;
};

/* False with `err` if the file cannot be made. */
bool sink_open(struct sink *sink, struct app *app, const char *path, struct sm_err *err);
void sink_write(struct sink *sink, const char *data, size_t len);

/* With `keep` the file takes the place of what was there, else nothing is left of it. False if
 * something could not be written, which was reported. */
bool sink_close(struct sink *sink, bool keep);

/* Figures of a `result` record; NAN where it has none. */
struct figures {
    double accuracy, low, high, n, pairs, ties, failed, first, agreement;
};

/* A user, as the table of the page and the plots need it. */
struct row {
    char *user;
    char *about;     /* the begin of the persona; NULL: none */
    const char *won; /* what kind of examples, by the `demos` record; NULL: none */
    struct figures figures;
    size_t failed;         /* `error` records */
    bool pending, counted; /* counted: there are figures */
};

struct report {
    struct eval eval; /* counts verdicts as sm-eval does */
    struct judged judged;
    const char *plot, *html, *kind, *format, *title;
    struct row *rows;
    size_t row_count, row_room, counted;
    FILE *blocks; /* each user's records as the page holds them, a line each */
    jv *shared;   /* result, comparison and run records of nobody */
    size_t shared_count, shared_room, shared_lost;
    bool unread; /* a file could not be read, or not to its end */
    jv all;      /* the result over all; invalid: none */
};

/* Reads the whole input. False if it cannot be used at all; the user was told why. */
bool report_read(struct report *report);
void report_release(struct report *report);

/* Counts a user's lines, keeps a row of figures and writes the block: called by the grouper, with
 * the report for its argument. */
bool report_user(void *arg, const char *user, struct sm_user_lines *lines);
struct figures report_figures_of(jv result);

/* What is drawn: marks on two axes, each with an interval. */
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

enum report_kind { KIND_ACCURACY, KIND_COMPARISON, KIND_RELIABILITY, KIND_CURVE, KINDS };
extern const char *const report_kinds[KINDS];

/* Makes the figures of a kind, at most two; 0 with `err` where the input has nothing for it. */
#define FIGURES_MAX 2
size_t report_figures(const struct report *report, enum report_kind kind,
                      struct figure figures[FIGURES_MAX], struct sm_err *err);
/* Where the label of a rule goes, not to lie on that of the other: below its value (-1), above (1),
 * or at it. */
int report_aside(const struct figure *figure, size_t rule);

/* Where the label of a mark on a line goes, so that the line does not cross it: above the mark (1)
 * or below (-1), on the right. */
int report_side(const struct figure *figure, size_t mark);

void report_figures_release(struct figure *figures, size_t count);

/* Draws by gnuplot, as SVG or PNG. False with `err`: there is no gnuplot, or it failed. */
bool report_gnuplot(const struct figure *figures, size_t count, bool png, struct sink *sink,
                    struct sm_err *err);

/* Appends a figure as an <svg> element that the page's style sheet colors. */
void report_svg(const struct figure *figure, struct sm_buf *out);

void report_page(struct report *report, struct sink *sink);

/* Appends JSON that may stand in a script element. */
void report_json(struct sm_buf *out, jv value);

/* Appends text for HTML and SVG, also within quotes; characters that would not be seen, or turn the
 * text around them, become U+FFFD. */
void report_text(struct sm_buf *out, const char *text);

/* The same characters replaced, nothing escaped, at most `max` characters, "…" for the rest. */
void report_plain(struct sm_buf *out, const char *text, size_t max);

#endif
