/* The parts of a reader of rows: rows.c opens, rows_json.c and rows_wrapper.c read JSON, rows_csv.c
 * reads tables, rows_text.c serves them all. */
#ifndef SM_DATA_INTERNAL_ROWS_H
#define SM_DATA_INTERNAL_ROWS_H

#include "lib/data/internal/convert.h"
#include "lib/data/internal/nesting.h"
#include "lib/data/rows.h"

#define SM_ROWS_UNNAMED 8u /* behind enum sm_exact */

struct sm_rows {
    struct sm_byte_reader bytes;
    enum sm_rows_kind kind;
    size_t line;           /* where the last row begins */
    struct sm_buf text;    /* of the row; in CSV its cells in a row */
    bool over;             /* nothing more will be read */
    char **columns_needed; /* see sm_rows_expect() */
    size_t columns_needed_count;
    sm_rows_note_fn *note; /* NULL: nobody wants to hear */
    void *note_arg;
    struct sm_convert convert; /* the program that reads the file for us */
    jv changes[16];            /* a list for each set of enum sm_exact and SM_ROWS_UNNAMED */
    unsigned changed;          /* the set of the last row */
    bool has_utf8;             /* there was text beyond ASCII, in UTF-8 */
    size_t foreign_rows;       /* with text beyond ASCII in another encoding */
    /* JSON: */
    enum { SM_FORM_UNKNOWN, SM_FORM_OBJECTS, SM_FORM_ARRAY, SM_FORM_ARRAY_END } form;
    struct sm_nesting nesting;    /* at the end of `text` */
    struct sm_buf exact;          /* the text with its numbers kept */
    bool separated;               /* by a comma before this element */
    bool wrapped;                 /* the array is a member of an object */
    bool splits;                  /* all its arrays are taken that are called like splits */
    struct sm_buf wanted, member; /* else: the one called so; what the array at hand is called */
    /* CSV: */
    char delimiter;       /* 0: unknown before the header */
    jv columns;           /* the names in the first line, a list; invalid until read */
    size_t unnamed_cells; /* of the last row, see sm_rows_unnamed() */
    size_t unnamed;       /* so many more at the end have no name */
    bool returns;         /* the header's line ends with a lone CR */
    bool repeats;         /* a repeated header was told */
    size_t *ends;         /* of the row's cells in `text` */
    size_t count, room;
};

/* As sm_rows_next(), for one kind. */
enum sm_read sm_rows_json(struct sm_rows *rows, jv *row, struct sm_err *err);
enum sm_read sm_rows_csv(struct sm_rows *rows, jv *row, struct sm_err *err);

/* Whether the object that is the text, or with `whole` false begins like it, wraps rows, and which
 * arrays of it. It is then to be put back and read with sm_rows_next_array(). */
bool sm_rows_is_wrapper(struct sm_rows *rows, bool whole);

/* Reads on in a wrapper to the next array of rows, and behind its bracket. SM_READ_END: at the end
 * of the object. SM_READ_FAIL with `err`. */
enum sm_read sm_rows_next_array(struct sm_rows *rows, struct sm_err *err);

/* The row is too long, or is not text: sets `err` and returns SM_READ_BAD, or SM_READ_FAIL if the
 * file goes on like this. SM_READ_LINE: it is text. */
enum sm_read sm_rows_check_text(struct sm_rows *rows, struct sm_err *err);

/* Gives up the rest of the file. Returns SM_READ_FAIL. */
enum sm_read sm_rows_fail(struct sm_rows *rows, const char *remedy, const char *message,
                          struct sm_err *err);

/* Says something that is no problem, once it has happened in the line at hand. */
void sm_rows_tell(const struct sm_rows *rows, const char *text);

#endif
