#include "cmd/report/gnuplot.h"

#include "cmd/common/environment.h"

#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sys/wait.h>
#include <unistd.h>

#define WIDTH 720
#define HEIGHT 480
#define ROW_HEIGHT 26
#define MARGIN 130 /* room for the title, the axis and its title */
#define MESSAGE_BYTES 300
#define PIXELS_PER_INCH 96.0
#define NO_TERMINAL 64 /* the script's exit status where gnuplot lacks the terminal */

static const char dot[] = "#0072b2", bar[] = "#9cc8e4", ink[] = "#222222", faint[] = "#666666";

/* A string that gnuplot takes literally: within single quotes only the quote is special, so an
 * apostrophe replaces it. (Doubling it, as the manual says, does not work everywhere.) */
static void quoted(struct sm_buf *out, const char *text)
{
    sm_buf_char(out, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            sm_buf_str(out, "\xe2\x80\x99");
        else
            sm_buf_char(out, *text);
    }
    sm_buf_char(out, '\'');
}

/* The label of a tick, which gnuplot treats as a format. */
static void quoted_tick(struct sm_buf *out, const char *text)
{
    struct sm_buf format = {0};
    for (; *text; text++) {
        if (*text == '%')
            sm_buf_char(&format, '%');
        sm_buf_char(&format, *text);
    }
    quoted(out, sm_buf_text(&format));
    sm_buf_release(&format);
}

static void set_axis(struct sm_buf *out, char letter, const struct axis *axis)
{
    sm_buf_printf(out, "set %crange [%.10g:%.10g]\n", letter, axis->low, axis->high);
    sm_buf_printf(out,
                  "set %ctics %.10g,%.10g format '%%.10g%s' nomirror scale 0.4 textcolor '%s'\n",
                  letter, report_first_tick(axis), axis->step, *axis->unit ? "%%" : "", faint);
    if (axis->title) {
        sm_buf_printf(out, "set %clabel ", letter);
        quoted(out, axis->title);
        sm_buf_printf(out, " textcolor '%s'\n", faint);
    }
}

static void set_rows(struct sm_buf *out, const struct figure *figure)
{
    sm_buf_printf(out, "set yrange [%.10g:%.10g]\nset ytics scale 0 textcolor '%s' (",
                  figure->at.high, figure->at.low, ink);
    for (size_t i = 0; i < figure->count; i++) {
        sm_buf_str(out, i ? "," : "");
        quoted_tick(out, figure->marks[i].label);
        sm_buf_printf(out, " %.10g", figure->marks[i].at);
    }
    sm_buf_str(out, ")\n");
}

/* Whether intervals stand side by side, without names, and hide what is behind them. */
static bool is_crowded(const struct figure *figure)
{
    return !figure->rows && !figure->joined;
}

static void set_rules(struct sm_buf *out, const struct figure *figure)
{
    for (size_t i = 0; i < figure->rule_count; i++) {
        const struct rule *rule = &figure->rules[i];
        sm_buf_str(out, "set arrow from ");
        for (int end = 0; end < 2; end++) {
            if (figure->rows)
                sm_buf_printf(out, "first %.10g, graph %d", rule->value, end);
            else
                sm_buf_printf(out, "graph %d, first %.10g", end, rule->value);
            sm_buf_str(out, end ? "" : " to ");
        }
        sm_buf_printf(out, " nohead dashtype 2 linecolor '%s' %s\nset label ", faint,
                      is_crowded(figure) ? "front" : "back");
        quoted(out, rule->label);
        int aside = report_aside(figure, i);
        if (figure->rows)
            sm_buf_printf(out, " at first %.10g, graph 1 %s offset %.1f,0.6", rule->value,
                          aside < 0   ? "right"
                          : aside > 0 ? "left"
                                      : "center",
                          0.3 * aside);
        else
            sm_buf_printf(out, " at graph 1, first %.10g left offset 0.6,%.1f", rule->value,
                          0.4 * aside);
        sm_buf_printf(out, " textcolor '%s'\n", faint);
    }
    if (figure->diagonal)
        sm_buf_printf(out,
                      "set arrow from graph 0, graph 0 to graph 1, graph 1 nohead dashtype 2 "
                      "linecolor '%s' back\n",
                      faint);
}

/* Intervals of the basic bootstrap may reach beyond the axis, where they are cut. */
static double within(const struct axis *axis, double value)
{
    return fmin(axis->high, fmax(axis->low, value));
}

static void set_data(struct sm_buf *out, const struct figure *figure)
{
    sm_buf_str(out, "$marks << EOD\n");
    for (size_t i = 0; i < figure->count; i++) {
        const struct mark *mark = &figure->marks[i];
        if (isnan(mark->low) || isnan(mark->high))
            sm_buf_printf(out, "%.10g %.10g NaN NaN %.10g\n", mark->at, mark->value, mark->size);
        else
            sm_buf_printf(out, "%.10g %.10g %.10g %.10g %.10g\n", mark->at, mark->value,
                          within(&figure->value, mark->low), within(&figure->value, mark->high),
                          mark->size);
    }
    sm_buf_str(out, "EOD\n");
}

static void set_labels(struct sm_buf *out, const struct figure *figure)
{
    if (!figure->joined || figure->diagonal)
        return;
    for (size_t i = 0; i < figure->count; i++) {
        const struct mark *mark = &figure->marks[i];
        sm_buf_str(out, "set label ");
        quoted(out, mark->label);
        sm_buf_printf(out, " at first %.10g, first %.10g left offset 0.8,%.1f textcolor '%s'\n",
                      mark->at, mark->value, 0.7 * report_side(figure, i), ink);
    }
}

static void draw_figure(struct sm_buf *out, const struct figure *figure)
{
    bool many = is_crowded(figure);
    sm_buf_str(out, "unset label; unset arrow; unset xlabel; unset ylabel; unset key\n"
                    "set border 3 linecolor '#999999'\nset title ");
    quoted(out, figure->title);
    sm_buf_printf(out, " offset 0,0.8 textcolor '%s'\n", ink);
    /* names stand at the right end of lines across, and above those that go up */
    sm_buf_printf(out, "set rmargin %d\n", figure->rows ? 3 : 8);
    set_axis(out, figure->rows ? 'x' : 'y', &figure->value);
    if (figure->rows)
        set_rows(out, figure);
    else
        set_axis(out, 'x', &figure->at);
    sm_buf_printf(out, "unset grid\nset grid %ctics linetype 1 linecolor '#e6e6e6'\n",
                  figure->rows ? 'x' : 'y');
    set_rules(out, figure);
    set_labels(out, figure);
    set_data(out, figure);
    sm_buf_printf(out, "plot $marks using %s with vectors nohead linewidth %s linecolor '%s'",
                  figure->rows ? "3:1:($4-$3):(0)" : "1:3:(0):($4-$3)", many ? "1" : "4", bar);
    if (figure->joined)
        sm_buf_printf(out, ", $marks using 1:2 with lines linewidth 1.5 linecolor '%s'", dot);
    sm_buf_printf(out,
                  ", $marks using %s:%s with points pointtype 7 pointsize variable "
                  "linecolor '%s'\n",
                  figure->rows ? "2:1" : "1:2", many ? "(0.25)" : "($5)", dot);
}

static void set_terminal(struct sm_buf *out, enum plot_format format, int width, int height)
{
    static const char *const terminals[] = {
        [PLOT_SVG] = "svg", [PLOT_PNG] = "pngcairo", [PLOT_PDF] = "pdfcairo"};
    sm_buf_printf(out, "if (strstrt(GPVAL_TERMINALS, '%s') == 0) { exit status %d }\n",
                  terminals[format], NO_TERMINAL);
    sm_buf_printf(out, "set terminal %s noenhanced background '#ffffff' ", terminals[format]);
    if (format == PLOT_PNG)
        sm_buf_printf(out,
                      "size %d,%d fontscale 2 linewidth 2 pointscale 2 font 'DejaVu Sans,10'\n",
                      2 * width, 2 * height);
    else if (format == PLOT_PDF)
        sm_buf_printf(out, "size %.3fin,%.3fin fontscale 1 font 'DejaVu Sans,9'\n",
                      width / PIXELS_PER_INCH, height / PIXELS_PER_INCH);
    else
        sm_buf_printf(out, "size %d,%d font 'DejaVu Sans, Verdana, sans-serif,12'\n", width,
                      height);
}

static void write_script(struct sm_buf *out, const struct figure *figures, size_t count,
                         enum plot_format format)
{
    size_t rows = 0;
    for (size_t i = 0; i < count; i++)
        rows = figures[i].rows && figures[i].count > rows ? figures[i].count : rows;
    int height = rows ? MARGIN + (int)rows * ROW_HEIGHT : HEIGHT;
    set_terminal(out, format, count > 1 ? WIDTH * 3 / 2 : WIDTH, height);
    sm_buf_str(out, "set encoding utf8\nset bmargin 4\nset tmargin 3.5\n");
    if (count > 1)
        sm_buf_printf(out, "set multiplot layout 1,%zu\n", count);
    for (size_t i = 0; i < count; i++)
        draw_figure(out, &figures[i]);
    if (count > 1)
        sm_buf_str(out, "unset multiplot\n");
}

/* A temporary file with this content, at its beginning; -1 with `err` on failure. */
static int temporary_file(const char *data, size_t len, struct sm_err *err)
{
    FILE *file = sm_file_unnamed(env_temp_folder(), err);
    int fd = -1;
    if (!file)
        return -1;
    if (fwrite(data, 1, len, file) == len && fflush(file) == 0)
        fd = fcntl(fileno(file), F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        sm_err_set(err, SM_EXIT_INPUT, "make room, or set TMPDIR to a folder that has it",
                   "cannot write the temporary file: %s", strerror(errno));
    fclose(file);
    if (fd >= 0)
        lseek(fd, 0, SEEK_SET);
    return fd;
}

/* Runs gnuplot with these descriptors and without the user's own settings. Returns its exit status;
 * 127 if there is no gnuplot, -1 if it could not be started or was killed. */
static int run_gnuplot(const int fds[3])
{
    pid_t child = fork();
    int status = 0;
    if (child == 0) {
        for (int i = 0; i < 3; i++) {
            if (dup2(fds[i], i) < 0)
                _exit(126);
        }
        execlp("gnuplot", "gnuplot", "-d", "-", (char *)NULL);
        _exit(errno == ENOENT || errno == EACCES ? 127 : 126);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool copy_output(int fd, struct sink *sink)
{
    char bytes[1 << 14];
    ssize_t n;
    bool any = false;
    lseek(fd, 0, SEEK_SET);
    while ((n = read(fd, bytes, sizeof bytes)) > 0) {
        sink_write(sink, bytes, (size_t)n);
        any = true;
    }
    return any;
}

/* gnuplot's last words say what went wrong. */
static bool tell_failure(int fd, int status, enum plot_format format, struct sm_err *err)
{
    static const char *const names[] = {[PLOT_SVG] = "SVG", [PLOT_PNG] = "PNG", [PLOT_PDF] = "PDF"};
    char text[MESSAGE_BYTES + 1];
    off_t end = lseek(fd, 0, SEEK_END);
    ssize_t n = pread(fd, text, MESSAGE_BYTES, end > MESSAGE_BYTES ? end - MESSAGE_BYTES : 0);
    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == ' '))
        n--;
    text[n > 0 ? n : 0] = '\0';
    if (status == NO_TERMINAL)
        return sm_err_set(err, SM_EXIT_INPUT,
                          "install one that can (Debian: apt-get install gnuplot-nox), or take "
                          "another format",
                          "this gnuplot cannot write %s", names[format]);
    return sm_err_set(err, SM_EXIT_INPUT, "install gnuplot 5 or newer with its cairo terminals",
                      "gnuplot failed with status %d: %s", status, text);
}

bool report_gnuplot(const struct figure *figures, size_t count, enum plot_format format,
                    struct sink *sink, struct sm_err *err)
{
    struct sm_buf script = {0};
    write_script(&script, figures, count, format);
    int fds[3] = {temporary_file(script.data, script.len, err), temporary_file("", 0, err),
                  temporary_file("", 0, err)};
    bool ok = fds[0] >= 0 && fds[1] >= 0 && fds[2] >= 0;
    sm_buf_release(&script);
    int status = ok ? run_gnuplot(fds) : 0;
    if (ok && status == 127)
        ok = sm_err_set(err, SM_EXIT_INPUT,
                        "install it (Debian: apt-get install gnuplot-nox), or write the page, "
                        "which does without",
                        "plots are drawn by gnuplot, which is not there");
    else if (ok && (status != 0 || !copy_output(fds[1], sink)))
        ok = tell_failure(fds[2], status, format, err);
    for (int i = 0; i < 3; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
    return ok;
}
