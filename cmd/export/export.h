/* What the parts of sm-export share: the exporter, its targets, and the user that is exported. */
#ifndef CMD_EXPORT_EXPORT_H
#define CMD_EXPORT_EXPORT_H

#include "cmd/common/app.h"
#include "cmd/common/client.h"
#include "cmd/export/save.h"
#include "lib/stage/stage.h"

#include "lib/judge/judge.h"
#include "lib/stage/learned.h"

#include <jq.h>

struct export_options {
    const char *learned_file, *select, *order, *splits;
    bool pairs, no_persona, no_demos, force;
};

/* What is known of the user that is exported. Borrowed. */
struct learned {
    const char *persona; /* NULL: none, or left out */
    size_t persona_len;
    jv demos; /* the record; invalid: none, or left out */
};

struct exporter {
    struct app *app;
    struct client client;
    struct export_options set;
    const struct target *target;
    unsigned splits;            /* those to export: bit 1 << enum sm_split */
    struct sm_learned *learned; /* of --trained; NULL: it is in the input */
    struct sm_asker asker;
    jq_state *jq;       /* the target's program, if it has one */
    const char *folder; /* to write files into, or NULL */
    struct saver *saver;
    bool found;   /* a user to export was there */
    bool broken;  /* the folder cannot be written: nothing more is tried */
    size_t saved; /* users */
};

/* A pair put to the judge. Borrowed. */
struct question {
    const char *user;
    const struct sm_pair *pair;
    bool reverse;
    const struct sm_buf *messages; /* JSON */
};

/* Writes what there is to write of a user to `out`; false: nothing, and `err` says why. */
typedef bool export_user_fn(struct exporter *, const struct sm_user *, const struct learned *,
                            struct sm_buf *out, struct sm_err *err);
/* Writes the line of one question. */
typedef void export_line_fn(const struct exporter *, const struct question *, struct sm_buf *out);

struct target {
    const char *name;
    export_user_fn *user;
    export_line_fn *line;
    const char *program; /* the built-in jq program that it runs, or NULL */
    bool labeled;        /* takes pairs with a choice only */
    bool folder;         /* writes files, into the folder that the next operand names */
    bool client;         /* needs the model's name and what its endpoint takes */
    const char *splits;  /* that it exports unless --split says otherwise */
};

#endif
