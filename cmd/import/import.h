/* What the parts of sm-import share: the importer and its counts. */
#ifndef CMD_IMPORT_IMPORT_H
#define CMD_IMPORT_IMPORT_H

#include "cmd/common/app.h"

#include "lib/base/string_set.h"
#include "lib/data/format.h"

#include <stdio.h>

struct import_options {
    bool list;
    const char *show, *map, *dataset, *config, *hf, *hf_url, *hf_cache;
    struct sm_string_list columns, splits;
};

/* TO=FROM of --columns. Owns both. */
struct import_column {
    char *to, *from;
};

/* Consecutive rows with the same key: the format gets them together. */
struct import_group {
    jv key;  /* invalid: no group is open */
    jv rows; /* a list */
    size_t *lines, count, room;
};

struct importer {
    struct app *app;
    struct import_options set;
    struct sm_format *format;
    const char *name; /* of the format, or the file of --map */
    bool saved;       /* the Python library wrote the files: they hold no rows */
    bool plain;       /* what it writes are lines for another program, no records */
    struct import_column *columns;
    size_t column_count, column_room;
    struct import_group group;
    struct sm_string_set *groups; /* all keys so far */
    const char *source;           /* the name of a file, or of a dataset and its split */
    const char *unit;    /* stands before a number: ":" for lines, " row " for rows of a dataset */
    const size_t *lines; /* numbers of the rows under conversion */
    size_t line_count;
    size_t rows, records, bad;
    size_t misfits;                /* unusable rows at the beginning of this source */
    bool fits, explained;          /* a row has fitted; a misfit has been explained at length */
    struct sm_string_set *reasons; /* why rows were dropped */
    size_t *dropped, dropped_room; /* how many, by reason */
};

/* Reports `err` for a line (or row) of the source and counts it as bad. Clears `err`. */
void import_bad(struct importer *importer, size_t line, struct sm_err *err);

/* Runs the format on `input` (consumed), which holds `count` rows whose line numbers are `lines`,
 * and writes the results. */
void import_convert(struct importer *importer, jv input, const size_t *lines, size_t count);

/* Imports all rows of an open source, whose name and unit are set. */
void import_rows(struct importer *importer, struct sm_rows *rows);

/* Imports all rows of a file. */
void import_file(struct importer *importer, const char *name);

/* Imports the dataset of --hf. False: the command line is wrong. */
bool import_dataset(struct importer *importer);

/* Imports a folder or a file that the Python library saved. */
void import_saved(struct importer *importer, const char *name);

#endif
