#define _XOPEN_SOURCE 700 /* wcwidth() */
#include "lib/io/table.h"

#include "lib/base/mem.h"
#include "lib/base/printable.h"
#include "lib/base/utf8.h"

#include <locale.h>
#include <stdint.h>
#include <wchar.h>

#define GAP 2        /* spaces between columns */
#define SHORTEST 8   /* columns, enough to tell names apart */
#define ELLIPSIS "…" /* one column wide */

struct cell {
    char *text;
    enum sm_style style;
};

struct sm_table {
    const struct sm_column *columns;
    size_t count;
    struct cell *cells; /* row by row, the headings first */
    size_t used, room;
};

/* The C library's UTF-8 widths, whatever locale the process runs in. */
static locale_t enter_utf8(locale_t *before)
{
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    *before = utf8 ? uselocale(utf8) : (locale_t)0;
    return utf8;
}

static void leave_utf8(locale_t utf8, locale_t before)
{
    if (!utf8)
        return;
    uselocale(before);
    freelocale(utf8);
}

static size_t width_of(uint32_t code)
{
    int width = code == SM_UTF8_BAD ? 1 : wcwidth((wchar_t)code);
    return width < 0 ? 1 : (size_t)width;
}

/* Only between enter_utf8() and leave_utf8(). */
static size_t text_width(const char *text)
{
    size_t width = 0;
    uint32_t code;
    for (; *text; width += width_of(code))
        text += sm_utf8_decode(text, strlen(text), &code);
    return width;
}

static char *printable(const char *text)
{
    struct sm_buf out = {0};
    sm_printable(&out, text, strlen(text), false);
    sm_buf_str(&out, "");
    return sm_buf_take(&out);
}

struct sm_table *sm_table_open(const struct sm_column *columns, size_t count)
{
    struct sm_table *table = sm_alloc(1, sizeof *table);
    *table = (struct sm_table){.columns = columns, .count = count};
    const char **headings = sm_alloc(count, sizeof *headings);
    for (size_t i = 0; i < count; i++)
        headings[i] = columns[i].heading;
    sm_table_add(table, headings);
    free(headings);
    return table;
}

void sm_table_close(struct sm_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < table->used; i++)
        free(table->cells[i].text);
    free(table->cells);
    free(table);
}

void sm_table_add(struct sm_table *table, const char *const *cells)
{
    enum sm_style style = table->used == 0 ? SM_BOLD : SM_PLAIN; /* the headings come first */
    for (size_t i = 0; i < table->count; i++) {
        table->cells = sm_grow(table->cells, table->used, &table->room, sizeof *table->cells);
        table->cells[table->used++] = (struct cell){printable(cells[i]), style};
    }
}

void sm_table_style(struct sm_table *table, size_t column, enum sm_style style)
{
    table->cells[table->used - table->count + column].style = style;
}

void sm_table_set(struct sm_table *table, size_t row, size_t column, const char *text)
{
    struct cell *cell = &table->cells[(row + 1) * table->count + column]; /* behind the headings */
    free(cell->text);
    cell->text = printable(text);
}

/* The width of each column; that of the first is cut to what `width` leaves for it. */
static size_t *column_widths(const struct sm_table *table, size_t width)
{
    size_t *widths = sm_alloc(table->count, sizeof *widths);
    for (size_t i = 0; i < table->used; i++) {
        size_t cell = text_width(table->cells[i].text);
        if (cell > widths[i % table->count])
            widths[i % table->count] = cell;
    }
    size_t others = 0;
    for (size_t i = 1; i < table->count; i++)
        others += GAP + widths[i];
    size_t left = width >= others + SHORTEST ? width - others : SHORTEST;
    if (width && widths[0] > left)
        widths[0] = left;
    return widths;
}

/* Appends as much of `text` as fits into `room` columns. Returns how many it took. */
static size_t write_text(const char *text, size_t room, struct sm_buf *out)
{
    size_t width = text_width(text);
    if (width <= room) {
        sm_buf_str(out, text);
        return width;
    }
    uint32_t code;
    width = 1; /* the ellipsis */
    for (size_t len; *text; text += len) {
        len = sm_utf8_decode(text, strlen(text), &code);
        if (width + width_of(code) > room)
            break;
        width += width_of(code);
        sm_buf_add(out, text, len);
    }
    sm_buf_str(out, ELLIPSIS);
    return width;
}

static void write_cell(const struct cell *cell, size_t room, bool right, bool last, bool color,
                       struct sm_buf *out)
{
    struct sm_buf shown = {0};
    int fill = (int)(room - write_text(cell->text, room, &shown));
    if (right)
        sm_buf_printf(out, "%*s", fill, "");
    sm_color_add(out, color, cell->style, sm_buf_text(&shown));
    if (!right && !last)
        sm_buf_printf(out, "%*s", fill, "");
    sm_buf_printf(out, "%*s", last ? 0 : GAP, "");
    sm_buf_release(&shown);
}

static void write_lines(const struct sm_table *table, const size_t *widths, bool color,
                        struct sm_buf *out)
{
    for (size_t i = 0; i < table->used; i++) {
        size_t column = i % table->count;
        bool last = column + 1 == table->count;
        write_cell(&table->cells[i], widths[column], table->columns[column].right, last, color,
                   out);
        if (last)
            sm_buf_char(out, '\n');
    }
}

/* Each row as a block: its first cell, then one line for each other cell, with its heading. */
static void write_blocks(const struct sm_table *table, size_t width, bool color, struct sm_buf *out)
{
    size_t widest = 0;
    for (size_t i = 1; i < table->count; i++) {
        size_t heading = text_width(table->cells[i].text);
        widest = heading > widest ? heading : widest;
    }
    for (size_t i = table->count; i < table->used; i++) {
        size_t column = i % table->count;
        if (column == 0) {
            write_cell(&table->cells[i], width, false, true, color, out);
        } else {
            sm_buf_printf(out, "%*s", GAP, "");
            write_cell(&table->cells[column], widest, false, false, color, out);
            sm_color_add(out, color, table->cells[i].style, table->cells[i].text);
        }
        sm_buf_char(out, '\n');
    }
}

void sm_table_write(const struct sm_table *table, size_t width, bool color, struct sm_buf *out)
{
    locale_t before, utf8 = enter_utf8(&before);
    size_t *widths = column_widths(table, width), line = widths[0];
    for (size_t i = 1; i < table->count; i++)
        line += GAP + widths[i];
    if (width && line > width)
        write_blocks(table, width, color, out);
    else
        write_lines(table, widths, color, out);
    free(widths);
    leave_utf8(utf8, before);
}

/* No cell is markup: HTML in it is shown as it is. */
/* Figures are the programs' own, other cells may hold anything. */
static void write_markdown(const char *text, bool figure, struct sm_buf *out)
{
    for (; *text; text++) {
        if (strchr(figure ? "|" : "|\\<>&`*_~[]!", *text))
            sm_buf_char(out, '\\');
        sm_buf_char(out, *text);
    }
}

void sm_table_markdown(const struct sm_table *table, struct sm_buf *out)
{
    for (size_t i = 0; i < table->used; i++) {
        bool last = (i + 1) % table->count == 0;
        sm_buf_str(out, i % table->count ? " " : "| ");
        write_markdown(table->cells[i].text,
                       i >= table->count && table->columns[i % table->count].right, out);
        sm_buf_str(out, last ? " |\n" : " |");
        for (size_t k = 0; i + 1 == table->count && k < table->count; k++)
            sm_buf_str(out, table->columns[k].right ? "| ---: " : "| --- ");
        if (i + 1 == table->count)
            sm_buf_str(out, "|\n");
    }
}

/* What TeX would take for a command, or, without a font encoding to match, print as another
 * character. */
static const char *latex_for(char c)
{
    static const struct {
        char c;
        const char *text;
    } special[] = {{'&', "\\&"},
                   {'%', "\\%"},
                   {'$', "\\$"},
                   {'#', "\\#"},
                   {'_', "\\_"},
                   {'{', "\\{"},
                   {'}', "\\}"},
                   {'\\', "\\textbackslash{}"},
                   {'~', "\\textasciitilde{}"},
                   {'^', "\\textasciicircum{}"},
                   {'<', "\\textless{}"},
                   {'>', "\\textgreater{}"},
                   {'|', "\\textbar{}"},
                   {'`', "\\textasciigrave{}"}};
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (special[i].c == c)
            return special[i].text;
    return NULL;
}

/* Of a figure, a minus is one, and a lone one a dash. In a name two are not to join, and what
 * stands first is no argument of the line's end before it. */
static void write_latex(const char *text, bool figure, bool first, struct sm_buf *out)
{
    if (first && strchr("[*", *text) && *text)
        sm_buf_str(out, "{}");
    if (figure && strcmp(text, "-") == 0)
        sm_buf_char(out, '-');
    for (const char *p = text; *p; p++) {
        bool number = p[1] >= '0' && p[1] <= '9';
        bool joined = p > text && ((p[-1] | 0x20) >= 'a' || (p[-1] >= '0' && p[-1] <= '9'));
        if (*p == '-' && figure && number && !joined)
            sm_buf_str(out, "$-$");
        else if (latex_for(*p))
            sm_buf_str(out, latex_for(*p));
        else
            sm_buf_char(out, *p);
        if (*p == '-' && p[1] == '-')
            sm_buf_str(out, "{}");
    }
}

void sm_table_latex(const struct sm_table *table, struct sm_buf *out)
{
    size_t columns = 0;
    sm_buf_str(out, "\\begin{tabular}{");
    do {
        sm_buf_char(out, table->columns[columns].right ? 'r' : 'l');
    } while (++columns < table->count);
    sm_buf_str(out, "}\n\\toprule\n");
    for (size_t i = 0; i < table->used; i++) {
        size_t column = i % table->count;
        bool figure = table->columns[column].right && i >= table->count;
        write_latex(table->cells[i].text, figure, column == 0, out);
        sm_buf_str(out, column + 1 < table->count ? " & " : " \\\\\n");
        if (i + 1 == table->count)
            sm_buf_str(out, "\\midrule\n");
    }
    sm_buf_str(out, "\\bottomrule\n\\end{tabular}\n");
}
