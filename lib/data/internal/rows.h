/* The parts of a reader of rows, for rows.c and rows_csv.c. */
#ifndef SM_DATA_INTERNAL_ROWS_H
#define SM_DATA_INTERNAL_ROWS_H

#include "lib/data/rows.h"

struct sm_rows {
    struct sm_byte_reader bytes;
    enum sm_rows_kind kind;
    size_t line;        /* where the last row begins */
    struct sm_buf text; /* of the row; in CSV its cells in a row */
    bool over;          /* nothing more will be read */
    /* JSON: */
    enum { SM_FORM_UNKNOWN, SM_FORM_LINES, SM_FORM_ARRAY, SM_FORM_ARRAY_END } form;
    bool separated; /* by a comma before this element */
    /* CSV: */
    char delimiter; /* 0: unknown before the header */
    jv columns;     /* the names in the first line, a list; invalid until read */
    size_t *ends;   /* of the row's cells in `text` */
    size_t count, room;
};

/* As sm_rows_next(), for CSV and TSV. */
enum sm_read sm_rows_csv(struct sm_rows *rows, jv *row, struct sm_err *err);

#endif
