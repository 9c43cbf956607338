/* The versions of a persona that is revised. */
#ifndef CMD_PERSONA_VERSION_H
#define CMD_PERSONA_VERSION_H

#include "cmd/persona/persona.h"

struct version {
    struct text *text; /* of version 0 the job's or an earlier one, else its own */
    struct text own;
    size_t of;        /* the version that it revises */
    bool *fed, *told; /* by row: not held back from it; and of that what it was shown */
    bool kept;
    struct sm_buf why;
};

/* The first `count` versions of the job, all of those that are kept being judged on every row. */
struct versions {
    struct version *at;
    size_t count;
};

/* Divides the training rows for a version, with half of the mistakes of the one that it revises on
 * either side. False if there are less than two. */
bool version_divide(struct version *version, const struct version *of, size_t round);

/* The share that it must reach on rows of one kind: how many more to ask at once; 0: that is
 * settled, and *passed. */
struct goal {
    size_t rows, least; /* and how many of them must be right */
    size_t answered, correct;
};
struct goal version_goal(const struct version *version, const struct version *of, bool val);
size_t goal_next(const struct goal *goal, const struct sm_rounds *rounds, bool *passed);

/* After the last version was kept: drops those of whom another one is right wherever they are, and
 * the worst of more than `most`. */
void versions_prune(struct versions *versions, size_t most);

/* One that is kept and has two mistakes or more on training rows, drawn by the number of rows on
 * which no other is right where it is not; `count` if there is none. */
size_t versions_draw(const struct versions *versions, size_t round);

/* The one that is kept with the most right rows; of several the last one. */
size_t versions_best(const struct versions *versions);

/* Appends the `revision` record of a version, which is in a list at that number. */
void version_write(struct version *version, size_t number, struct sm_buf *out);

#endif
