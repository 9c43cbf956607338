/* Between rows.c and rows_csv.c: what a reader of rows is made of. */
#ifndef SM_DATA_INTERNAL_ROWS_H
#define SM_DATA_INTERNAL_ROWS_H

#include "lib/data/rows.h"

struct sm_rows {
    struct sm_byte_reader bytes;
    enum sm_rows_kind kind;
    size_t line;        /* in which the last row begins */
    struct sm_buf text; /* of the row; for CSV its cells one after another */
    bool over;          /* nothing more is read */
    /* JSON: */
    enum { SM_FORM_UNKNOWN, SM_FORM_LINES, SM_FORM_ARRAY, SM_FORM_ARRAY_END } form;
    bool separated; /* a comma came before */
    /* CSV: */
    char delimiter; /* 0: the header has not said yet */
    jv columns;     /* the names in the first line, a list; invalid until it is read */
    size_t *ends;   /* of the row's cells in `text` */
    size_t count, room;
};

/* As sm_rows_next(), for CSV and TSV. */
enum sm_read sm_rows_csv(struct sm_rows *rows, jv *row, struct sm_err *err);

#endif
