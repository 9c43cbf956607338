/* What the parts of sm-import share: the importer and its counts. */
#ifndef CMD_IMPORT_IMPORT_H
#define CMD_IMPORT_IMPORT_H

#include "cmd/common/app.h"
#include "cmd/import/tally.h"

#include "lib/data/format.h"

#include <stdio.h>

struct import_options {
    bool list, guess, check, text_only;
    const char *pairs, *label_base, *show, *map, *dataset, *config, *hf, *hf_url, *hf_cache;
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
    size_t misfits;       /* unusable rows at the beginning of this source */
    bool fits, explained; /* a row has fitted; a misfit has been explained at length */
    struct import_tally dropped, changed;
    jv spelled;                 /* the columns of a row whose names are all right; or invalid */
    struct sm_rows *reading;    /* the open source, borrowed; NULL: none */
    struct import_trial *trial; /* of a guess, or NULL: then nothing is written or told */
};

/* What the first rows of a file give in a format. */
enum { IMPORT_TRIAL_ROWS = 200 };
struct import_trial {
    const char *name;    /* what the user calls the file */
    size_t bad, known;   /* problems; columns of the first row that fits which the format reads */
    struct sm_buf first; /* the first problem */
    char *remedy;        /* and what to do; NULL: not told */
    struct sm_string_set *users;
    jv descriptions; /* of the built-in formats, borrowed */
};

/* Opens the format importer->name, or that of --map, as the options say. False with `err`
 * (SM_EXIT_USAGE if they are wrong). */
bool importer_open(struct importer *importer, struct sm_err *err);

/* The format for rows of `dataset` and `split`, each of which may be NULL. */
struct sm_format *importer_format(const struct importer *importer, const char *dataset,
                                  const char *split, struct sm_err *err);

/* Leaves the options as they are. */
void importer_close(struct importer *importer);

/* For a name that no format has; NULL if none was given. Returns false. */
bool importer_unknown(const char *name, struct sm_err *err);
bool importer_is_format(const char *name);

/* Reports `err` for a line (or row) of the source and counts it as bad. Clears `err`. */
void import_bad(struct importer *importer, size_t line, struct sm_err *err);

/* Runs the format on `input` (consumed), which holds `count` rows whose line numbers are `lines`,
 * and writes the results. */
void import_convert(struct importer *importer, jv input, const size_t *lines, size_t count);

/* Reports the columns `missing` ("`a` (or `b`)") of a row (borrowed). False: none of the first rows
 * fits, the file has another format or no data at all. */
bool import_misfit(struct importer *importer, jv row, size_t line, const char *missing);

/* What import_misfit() returns, for rows that are bad in another way. */
bool import_goes_on(struct importer *importer);

/* Reports a first row (borrowed) that is a whole table, turned round. False: it is a row. */
bool import_turned(struct importer *importer, jv row, size_t line);

/* Imports all rows of an open source, whose name and unit are set. */
void import_rows(struct importer *importer, struct sm_rows *rows);

/* The same for a problem that ends the source, or the run. */
void import_fail(struct importer *importer, struct sm_err *err);

/* Keeps the first problem, at `where` unless it is NULL. Clears `err`. */
void import_trial_bad(struct import_trial *trial, const char *where, struct sm_err *err);

/* Counts in `tally` what was done to the row at `line`. */
void import_count(struct importer *importer, struct import_tally *tally, const char *reason,
                  size_t line);

/* Makes the texts of what a format made (consumed) those of a record: see sm_parts_to_text().
 * Counts what was changed. Invalid with `err` if it cannot be used. */
jv import_texts(struct importer *importer, jv made, size_t line, struct sm_err *err);

/* Whether both replies of a pair (borrowed) are the same: there was nothing to choose. */
bool import_same(jv made);

/* Mends the cells of a row that hold the text of a Python list. Consumes and returns `row`; invalid
 * with `err` if one cannot be read. */
jv import_cells(struct importer *importer, jv row, size_t line, struct sm_err *err);

/* Tells which format fits each file, and writes the command that imports it. */
void import_guess(struct importer *importer);

/* Imports all rows of a file. */
void import_file(struct importer *importer, const char *name);

/* Imports the dataset of --hf. False: the command line is wrong. */
bool import_dataset(struct importer *importer);

/* Imports a folder or a file that the Python library saved. */
void import_saved(struct importer *importer, const char *name);

#endif
