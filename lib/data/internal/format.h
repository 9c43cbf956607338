/* A format: format.c opens and runs it, format_columns.c knows its columns. */
#ifndef SM_DATA_INTERNAL_FORMAT_H
#define SM_DATA_INTERNAL_FORMAT_H

#include "lib/data/format.h"

#include <jq.h>

struct sm_format {
    jq_state *jq;
    char *name; /* for messages */
    jv options;
    enum sm_rows_kind reads;
    bool builtin;
    bool groups;  /* the program has a `group` of its own */
    jv plain;     /* {dataset} of the pairs of rows that need no program; null: all need it */
    jv columns;   /* a list of names, or of lists of alternative names */
    jv known;     /* a list of the other names that it reads */
    jv names;     /* an object with all of these names */
    jv spellings; /* an object of them by what they are without case */
};

/* Fills `names` and `spellings` with all names of columns that the program reads. */
void sm_format_list_names(struct sm_format *format);

#endif
