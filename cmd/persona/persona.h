/* sm-persona: what its parts share. A user's work is a job: one or more personas are written,
 * judged by where there are several, and the best one is revised. Its calls go out in rounds: a
 * step asks, and the next one follows once all are answered. */
#ifndef CMD_PERSONA_PERSONA_H
#define CMD_PERSONA_PERSONA_H

#include "cmd/common/app.h"

#include "lib/judge/judge.h"
#include "lib/search/rounds.h"
#include "lib/stage/learned.h"
#include "lib/stage/question.h"
#include "lib/stage/stage.h"

struct persona_options {
    const char *form, *examples;
    long max_history;
    long candidates;
    long revise;         /* below 0: not given */
    const char *learned; /* the file of --trained */
};

struct writer {
    struct persona_options set;
    struct sm_asker asker;      /* of the first persona, of revisions and of the judge */
    struct sm_asker sampler;    /* of further candidates: at a temperature */
    struct sm_buf head;         /* "[" and the messages before the history */
    struct sm_buf revise_head;  /* "[" and the messages before what is to be revised */
    struct sm_learned *learned; /* or NULL */
    bool speculate;             /* asks at once all that may be needed */
};

/* A pair that a persona is judged by, in the user's order. */
struct row {
    const struct sm_pair *pair;
    bool val;
    char *question; /* its message, shown in the one order that the search shows */
};

/* What the judge said of a row by one text. */
struct answer {
    struct text *text;
    bool asked, answered, correct;
    char *reasoning;
};

/* A persona. */
struct text {
    struct job *job;
    char *persona; /* NULL: none could be read, or it is not written yet */
    char *reasoning, *changed;
    bool shortened;
    jv history;             /* the examples that it is written from: a list */
    size_t shown, dropped;  /* of them */
    char *head;             /* the judge's messages before a row, less "]"; NULL until it judges */
    struct answer *answers; /* by row */
    struct sm_usage usage;  /* of all that was asked for it and is in no record yet */
    double ms;
};

struct job {
    struct sm_user *user;
    const struct writer *writer;
    void (*step)(struct job *job); /* asks what comes next, or ends the job */
    /* How many calls it may still take. */
    void (*plan)(const struct job *job, struct sm_plan *sum);
    void (*close)(struct job *job); /* frees what the steps made; NULL: nothing */
    struct row *rows;               /* the user's labeled train and validation pairs */
    size_t row_count;
    struct text *texts; /* the candidates */
    size_t text_count;
    struct revising *revising; /* NULL until then */
    struct sm_rounds rounds;
    size_t under_way, pending; /* calls */
    struct sm_err failed;
    unsigned tried;
};

/* --- job.c --- */

/* The rows of the user, whose pairs are borrowed. The job ends by itself once nothing is under way;
 * begin with job_go(). */
struct job *job_open(struct sm_user *user);
void job_go(struct job *job);

/* Nothing more to ask: what was appended to user->out is the result. */
void job_end(struct job *job);

/* It cannot go on. Consumes `err`, of which the first is kept. */
void job_fail(struct job *job, struct sm_err *err);

/* A call goes out, or was answered. job_answered() takes what all calls have; false if there is no
 * answer. Call job_go() once all is taken from it. */
bool job_answered(struct job *job, const struct sm_outcome *outcome);

/* --- text.c --- */

/* Asks the model for the text by a prompt program; a later turn fills it. */
void text_ask(struct text *text, const struct sm_asker *asker, const char *program,
              struct sm_buf *messages, int sample);

/* Asks the judge for a row, by this text. */
void text_judge(struct text *text, size_t row);
void text_release(struct text *text);

/* Rows that were answered, and of them those that were right: those with val, or the others. */
struct counts {
    size_t asked, n, correct;
};
struct counts text_counts(const struct text *text, bool val);

/* Append ,"NAME":TEXT or null; ,"NAME":{"correct":…,"n":…}; what it took, which then counts no
 * more. */
void text_write(struct sm_buf *out, const char *name, const char *text);
void counts_write(struct sm_buf *out, const char *name, struct counts counts);
void text_write_cost(struct text *text, struct sm_buf *out);

/* Releases the candidates. */
void texts_release(struct job *job);

/* --- plan.c --- */

/* For a user who waits for an earlier stage. */
void persona_plan_user(struct sm_user *user, struct sm_plan *sum);

/* The judge's answers that a race may still take; and up to `count` revisions, with those by the
 * text that is revised, which was asked about some pairs already if it is `known`. */
void plan_race(const struct job *job, size_t typical, size_t most, struct sm_plan *sum);
void plan_revisions(const struct job *job, size_t count, bool known, struct sm_plan *sum);

/* --- revise.c --- */

/* Revises a persona that the job took, or one that was learned earlier. */
void revise_begin(struct job *job, struct text *base);
void revise_earlier(struct job *job, const char *persona);

/* --- candidates.c --- */

/* Writes the candidates, and takes the best one; then revises it, if that is asked for. */
void candidates_begin(struct job *job, jv demos);

#endif
