/* Options. One static table drives parsing, --help, and the man page's SYNOPSIS and OPTIONS, so
 * that they cannot drift apart. */
#ifndef SM_IO_OPT_H
#define SM_IO_OPT_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum sm_opt_kind {
    SM_OPT_FLAG,   /* bool: becomes true */
    SM_OPT_TEXT,   /* const char *: borrowed from argv */
    SM_OPT_TEXTS,  /* struct sm_string_list: may be given several times */
    SM_OPT_INT,    /* long, between `low` and `high` */
    SM_OPT_REAL,   /* double, between `low` and `high` */
    SM_OPT_CHOICE, /* const char *: one of the words of `arg`, separated by '|' */
    SM_OPT_TITLE,  /* none: the title of the options that follow, see SM_OPT_TITLED */
};

struct sm_opt {
    char letter;      /* short name, or 0 */
    const char *name; /* long name; NULL ends a table */
    const char *arg;  /* the argument's name, or its words for SM_OPT_CHOICE; NULL for a flag */
    enum sm_opt_kind kind;
    size_t offset; /* of the field within the settings */
    double low, high;
    const char *help; /* one or two sentences, the default last */
};

/* Begins a group of options in --help and in the manual. */
#define SM_OPT_TITLED(title)                                                                       \
    {                                                                                              \
        0, "", NULL, SM_OPT_TITLE, 0, 0, 0, title                                                  \
    }

#define SM_OPT_END                                                                                 \
    {                                                                                              \
        0                                                                                          \
    }

struct sm_string_list {
    const char **at; /* freed by the owner of the settings; borrows the strings */
    size_t count, room;
};

/* A table and the settings that parsing fills. */
struct sm_opt_group {
    const struct sm_opt *options;
    void *settings;
};

struct sm_program {
    const char *name;
    const char *summary;  /* one line, no full stop */
    const char *operands; /* as in a synopsis: literal words, then "[FILE ...]" */
    const char *about;    /* a paragraph for --help: what goes in, what comes out */
    bool of_users;        /* it reads records of users, and takes --shard */
};

#define SM_OPT_GROUPS_MAX 16 /* with the common ones */

/* Parses argv into the settings of `groups`, which a group with NULL options ends. Moves the
 * operands to the end of argv; *first is the index of the first. Texts are borrowed from argv.
 * False with `err` if the command line is wrong. */
bool sm_opt_parse(const struct sm_opt_group *groups, int argc, char **argv, int *first,
                  struct sm_err *err);

/* Append what --help prints, with `color` its titles bold, and the man page's SYNOPSIS and OPTIONS
 * sections in mdoc(7). */
void sm_opt_help(const struct sm_program *program, const struct sm_opt_group *groups, bool color,
                 struct sm_buf *out);
void sm_opt_synopsis(const struct sm_program *program, const struct sm_opt_group *groups,
                     struct sm_buf *out);
void sm_opt_manual(const struct sm_opt_group *groups, struct sm_buf *out);

/* Appends the options that are set as a JSON object, {"stop-at":80,…}, for the `run` record. A
 * number below its `low` counts as not set. For SM_OPT_TEXTS it writes only how many there are,
 * since they may name files with headers. */
void sm_opt_json(const struct sm_opt_group *groups, struct sm_buf *out);

#endif
