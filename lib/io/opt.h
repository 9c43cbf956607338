/* Options from one static table: the table makes the parsing, --help and the SYNOPSIS and OPTIONS
 * of the man page, so that they cannot drift apart. */
#ifndef SM_IO_OPT_H
#define SM_IO_OPT_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum sm_opt_kind {
    SM_OPT_FLAG,   /* bool: set to true */
    SM_OPT_TEXT,   /* const char *: borrowed from argv */
    SM_OPT_TEXTS,  /* struct sm_texts: may be given several times */
    SM_OPT_INT,    /* long, between `low` and `high` */
    SM_OPT_REAL,   /* double, between `low` and `high` */
    SM_OPT_CHOICE, /* const char *: one of the words of `arg`, which are separated by '|' */
};

struct sm_opt {
    char letter;      /* short name, or 0 */
    const char *name; /* long name; NULL ends a table */
    const char *arg;  /* what the argument is called; NULL for a flag */
    enum sm_opt_kind kind;
    size_t offset; /* of the field in the settings */
    double low, high;
    const char *help; /* one or two sentences; the default at their end */
};

#define SM_OPT_END                                                                                 \
    {                                                                                              \
        0                                                                                          \
    }

struct sm_texts {
    const char **at; /* freed by the owner of the settings; the strings are borrowed */
    size_t count, room;
};

/* A table and the settings that it fills. */
struct sm_opt_group {
    const struct sm_opt *options;
    void *settings;
};

struct sm_program {
    const char *name;
    const char *summary;  /* one line, no full stop */
    const char *operands; /* as in a synopsis: words to be given as they are, "[FILE ...]" */
    const char *about;    /* a paragraph for --help: what comes in, what goes out */
};

#define SM_OPT_GROUPS_MAX 9

/* Parses argv into the settings of `groups` (ended by one with NULL options). The operands are
 * moved to the end of argv; *first is the index of the first. False: `err` says what is wrong. */
bool sm_opt_parse(const struct sm_opt_group *groups, int argc, char **argv, int *first,
                  struct sm_err *err);

/* What --help prints, and the man page's SYNOPSIS and OPTIONS sections in mdoc(7). */
void sm_opt_help(const struct sm_program *program, const struct sm_opt_group *groups,
                 struct sm_buf *out);
void sm_opt_synopsis(const struct sm_program *program, const struct sm_opt_group *groups,
                     struct sm_buf *out);
void sm_opt_manual(const struct sm_opt_group *groups, struct sm_buf *out);

/* The options in force as a JSON object, {"stop-at":80,…}, for the `run` record: each where it is
 * set (a number: where it is not below what may be given); of an option given several times the
 * count alone, since it may name files with headers. */
void sm_opt_json(const struct sm_opt_group *groups, struct sm_buf *out);

#endif
