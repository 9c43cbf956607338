/* What the parts of sm-export share: the exporter, its targets, the user under export. */
#ifndef CMD_EXPORT_EXPORT_H
#define CMD_EXPORT_EXPORT_H

#include "cmd/common/app.h"
#include "cmd/common/client.h"
#include "cmd/export/save.h"

#include "lib/judge/judge.h"
#include "lib/stage/learned.h"
#include "lib/stage/stage.h"

#include <jq.h>

struct export_options {
    const char *learned_file, *select, *order, *splits;
    bool pairs, no_persona, no_demos, force;
};

/* What was learned of the user under export, without what --no-persona and --no-demos leave out.
 * Borrowed. */
struct export_learned {
    const char *persona; /* NULL: none */
    size_t persona_len;
    jv demos; /* the record; invalid: none */
};

struct exporter {
    struct app *app;
    struct client client;
    struct export_options set;
    const struct target *target;
    unsigned splits;            /* which to export: bits 1 << enum sm_split */
    struct sm_learned *learned; /* of --trained; NULL: it is in the input */
    struct sm_asker asker;
    jq_state *jq;       /* the target's program, if it has one */
    const char *folder; /* to write files into, or NULL */
    struct saver *saver;
    bool found;     /* there was a user to export */
    bool broken;    /* the folder cannot be written: no more users are tried */
    size_t saved;   /* users */
    size_t rubrics; /* users whose rubric the target has no place for */
};

/* A question for the judge: a pair in one order. Borrowed. */
struct export_question {
    const char *user;
    const struct sm_pair *pair;
    bool reverse;
    const struct sm_buf *messages; /* JSON */
};

/* Appends the export of a user to `out`. False with `err`: there is none. */
typedef bool export_user_fn(struct exporter *, const struct sm_user *,
                            const struct export_learned *, struct sm_buf *out, struct sm_err *err);
/* Appends the line of a question. */
typedef void export_line_fn(const struct exporter *, const struct export_question *,
                            struct sm_buf *out);

struct target {
    const char *name;
    export_user_fn *user;
    export_line_fn *line;
    const char *program; /* the built-in jq program that it runs, or NULL */
    bool labeled;        /* takes only pairs with a choice */
    bool folder;         /* writes files into the folder that the next operand names */
    bool rewards;        /* reads what verdicts and rankings by likelihood hold */
    bool client;         /* needs the model's name and what its endpoint accepts */
    const char *splits;  /* which it exports by default */
};

#endif
