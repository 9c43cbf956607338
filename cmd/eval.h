/* sm-eval in three parts: reading verdicts (sm-eval.c), figures of one input (eval_write.c), and of
 * two on the same pairs (eval_compare.c). */
#ifndef EVAL_H
#define EVAL_H

#include "../lib/names.h"
#include "../lib/stats.h"
#include "../lib/table.h"
#include "../lib/verdict.h"
#include "app.h"

enum ties { TIES_WRONG, TIES_HALF, TIES_DROPPED };

struct settings {
    long seed;
    bool table, markdown, csv;
    const char *ci, *ties, *fail_if_worse;
    double fail_under; /* below 0: no gate */
};

/* One input, judged: what its figures and comparisons are made of. Outcomes are kept only where
 * there are several inputs. */
struct judged {
    const char *name;
    struct sm_names *users; /* all that were seen */
    struct sm_tally all;
    double *sums, *counts; /* by user with verdicts: correct ones (see --ties), and of how many */
    size_t scored_users, sums_room, counts_room;
    struct sm_ci last; /* of the last user with verdicts */
    size_t failed_users, pending_users;
    size_t learners, learned; /* users with train or val pairs, and these pairs */
    struct sm_outcomes *outcomes;
    size_t outcome_count, outcome_room;
    struct span {
        size_t from, count;
    } * spans; /* of `outcomes`, by user */
    size_t span_room;
};

#define KNOWN_INTERVALS 1024

struct eval {
    struct app *app;
    /* Users with the same counts have the same interval: it is resampled once. */
    struct known {
        size_t correct, halves, n;
        struct sm_ci ci;
    } known[KNOWN_INTERVALS];
    struct settings set;
    enum sm_ci_method method;
    enum ties ties;
    bool several;           /* inputs */
    struct sm_table *table; /* NULL: records or CSV */
    struct sm_buf text;     /* below the table */
};

/* The figures that --ties decides: what is scored, and the sum over it. */
double eval_scored(const struct eval *e, const struct sm_tally *t);
double eval_sum(const struct eval *e, const struct sm_tally *t);

/* What a prediction counts; NAN: nothing. */
double eval_value(const struct eval *e, int prediction);

/* Keeps what figures over all and comparisons need of a user whose lines are read. */
void eval_keep(const struct eval *e, struct judged *judged, const struct sm_tally *t);

/* The interval of a user's accuracy, or of one input's over all. */
struct sm_ci eval_interval(struct eval *e, const struct sm_tally *t,
                           const struct sm_outcomes *outcomes, size_t count);
struct sm_ci eval_interval_all(struct eval *e, const struct judged *judged);

/* Appends a number so that it reads back the same, null for NaN; a ,"ci":… member; a percentage. */
void eval_number(struct sm_buf *out, double number);
void eval_ci(struct sm_buf *out, const char *name, enum sm_ci_method method, struct sm_ci ci);
void eval_percent(struct sm_buf *out, double number);

#define EVAL_CSV_HEAD "file,user,pairs,n,accuracy,low,high,ties,failed,first_share,agreement\r\n"

/* What the columns are, by whether there are several inputs. */
struct sm_table *eval_table_open(bool several);

/* Appends the `result` record of a user, and the one over all. */
void eval_result(struct eval *e, struct sm_buf *out, const struct judged *judged, const char *user,
                 const struct sm_tally *t, struct sm_ci ci);
void eval_result_all(struct eval *e, struct sm_buf *out, const struct judged *judged,
                     struct sm_ci ci);

/* A user's figures, or, `user` being NULL, those over all, in the form that was asked for. */
void eval_write_user(struct eval *e, const struct judged *judged, const char *user,
                     const struct sm_tally *t, struct sm_ci ci);
void eval_write_all(struct eval *e, const struct judged *judged);

/* Compares two inputs on the pairs that both judged: b against a. *worse: it is, beyond chance. */
void eval_compare(struct eval *e, const struct judged *a, const struct judged *b, bool *worse);

#endif
