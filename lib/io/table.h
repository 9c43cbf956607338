/* Tables for people: columns align by width on the screen, as of wcwidth(3), not by bytes. */
#ifndef SM_IO_TABLE_H
#define SM_IO_TABLE_H

#include "lib/base/buf.h"
#include "lib/io/color.h"

#include <stdbool.h>
#include <stddef.h>

struct sm_column {
    const char *heading;
    bool right; /* right-aligned, for figures */
};

struct sm_table;

/* Borrows `columns` for the table's life; `count` is at least 1. */
struct sm_table *sm_table_open(const struct sm_column *columns, size_t count);
void sm_table_close(struct sm_table *table);

/* Appends a row of `count` cells, which are copied. What is not printable becomes
 * U+FFFD (sm_printable()). */
void sm_table_add(struct sm_table *table, const char *const *cells);

/* Gives a cell of the last row a style; headings are bold. */
void sm_table_style(struct sm_table *table, size_t column, enum sm_style style);

/* Replaces a cell of the `row`-th row, both counted from 0. */
void sm_table_set(struct sm_table *table, size_t row, size_t column, const char *text);

/* Appends the headings and the rows, with `color` in their styles. If lines would be wider than
 * `width` screen columns (0: no limit), the cells of the first column are cut short and end in "…".
 * If that would leave too little of them, each row becomes a block instead: a line for each cell,
 * with its heading. */
void sm_table_write(const struct sm_table *table, size_t width, bool color, struct sm_buf *out);

/* The same as a table in Markdown, and as a tabular in LaTeX with the rules of booktabs. Cells are
 * text, whatever they hold. */
void sm_table_markdown(const struct sm_table *table, struct sm_buf *out);
void sm_table_latex(const struct sm_table *table, struct sm_buf *out);

#endif
