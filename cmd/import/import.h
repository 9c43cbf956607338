/* What the parts of sm-import share: the converter of rows, and what it counted. */
#ifndef CMD_IMPORT_IMPORT_H
#define CMD_IMPORT_IMPORT_H

#include "cmd/common/app.h"

#include "lib/base/string_set.h"
#include "lib/data/format.h"

#include <stdio.h>

struct import_options {
    bool list;
    const char *show, *map, *dataset, *config, *hf, *hf_url, *pages;
    struct sm_texts columns, splits;
};

/* TO=FROM of --columns. Owns both. */
struct import_column {
    char *to, *from;
};

/* Rows with one key that came one after another, to be given to the format together. */
struct import_group {
    jv key;  /* invalid: none is open */
    jv rows; /* a list */
    size_t *lines, count, room;
};

struct importer {
    struct app *app;
    struct import_options set;
    struct sm_format *format;
    const char *name; /* of the format, or the file of --map */
    bool saved;       /* the files are what the Python library saved, not rows */
    bool plain;       /* what it makes are lines for another program, not records */
    struct import_column *columns;
    size_t column_count, column_room;
    struct import_group group;
    struct sm_string_set *groups; /* keys that were there */
    /* where the rows are from */
    const char *source;  /* a file's name, or that of a dataset */
    const char *unit;    /* ":" before a line, " row " before a row of a dataset */
    const size_t *lines; /* of the rows that are being converted */
    size_t line_count;
    /* counts */
    size_t rows, records, bad;
    size_t misfits;                /* rows of this source that could not be used, until one fits */
    bool fits, explained;          /* one did; the first misfit was told at length */
    struct sm_string_set *reasons; /* why rows were dropped, with how many each */
    size_t *dropped, dropped_room;
};

/* Reports `err` for a line (or row) of the source, counts it as bad. Clears `err`. */
void import_bad(struct importer *importer, size_t line, struct sm_err *err);

/* Runs the format on `input` (consumed), of `count` rows in `lines`, and writes what it makes. */
void import_convert(struct importer *importer, jv input, const size_t *lines, size_t count);

/* All rows of an open source; its name and unit are set. */
void import_rows(struct importer *importer, struct sm_rows *rows);

/* Reads all rows of a file. */
void import_file(struct importer *importer, const char *name);

/* All rows of the dataset of --hf. False: the command line is wrong. */
bool import_hub(struct importer *importer);

/* A folder or a file that the Python library saved. */
void import_saved(struct importer *importer, const char *name);

#endif
