/* sm-eval in five parts: what was asked for (sm-eval.c), reading verdicts (eval_read.c), figures of
 * one input (eval_write.c), and of two on the same pairs (eval_compare.c), the table
 * (eval_table.c).
 */
#ifndef CMD_EVAL_EVAL_H
#define CMD_EVAL_EVAL_H

#include "lib/base/string_set.h"
#include "lib/eval/scores.h"
#include "lib/eval/stats.h"
#include "lib/io/table.h"

#include "cmd/common/app.h"

enum ties { TIES_WRONG, TIES_HALF, TIES_DROPPED };

struct eval_options {
    long seed;
    bool table, markdown, csv;
    const char *ci, *ties, *fail_if_worse;
    double fail_under; /* below 0: no gate */
};

/* One input, judged: what its figures and comparisons are made of. Outcomes are kept only where
 * there are several inputs. */
struct judged {
    const char *name;
    bool unread;                 /* it could not be read, or not to its end */
    struct sm_string_set *users; /* all that were seen */
    struct sm_tally all;
    double *sums, *counts; /* by user with verdicts: correct ones (see --ties), and of how many */
    size_t scored_users, sums_room, counts_room;
    struct sm_ci last; /* of the last user with verdicts */
    size_t failed_users, pending_users;
    size_t learners, learned; /* users of whom it is known from how many pairs, and these pairs */
    struct sm_ci ci;          /* over all */
    bool compared;            /* with the first input, on what both have: */
    double difference;
    struct sm_ci difference_ci;
    struct sm_outcomes *outcomes;
    size_t outcome_count, outcome_room;
    struct span {
        size_t from, count;
    } * spans; /* of `outcomes`, by user */
    size_t span_room;
};

#define KNOWN_INTERVALS 1024
#define PAIR_HALVES 5 /* what the verdicts of a pair count together: 0, 0.5 … 2 */
#define PAIR_KINDS 10 /* those of one verdict, then those of two */

struct eval {
    struct app *app;
    struct sm_reader reader; /* of the input at hand */
    /* Users with the same counts have the same interval: it is resampled once. */
    struct known {
        size_t correct, halves, n;
        struct sm_ci ci;
    } known[KNOWN_INTERVALS];
    struct known_pairs {
        bool set;
        size_t kinds[PAIR_KINDS]; /* pairs, by scored verdicts and what they count */
        struct sm_ci ci;
    } known_pairs[KNOWN_INTERVALS];
    struct eval_options set;
    enum sm_ci_method method;
    enum ties ties;
    bool several;           /* inputs */
    struct sm_table *table; /* opened with its first row */
    struct sm_buf text;     /* below the table */
};

/* Reads the input at hand to its end, and writes the figures of each user as it ends, then those
 * over all.
 */
void eval_read(struct eval *e, struct judged *judged);

/* The figures that --ties decides: what is scored, and the sum over it. */
double eval_scored(const struct eval *e, const struct sm_tally *t);
double eval_sum(const struct eval *e, const struct sm_tally *t);

/* What a prediction counts; NAN: nothing. */
double eval_value(const struct eval *e, int prediction);

/* Keeps what figures over all and comparisons need of a user whose lines are read. */
void eval_keep(const struct eval *e, struct judged *judged, const struct sm_tally *t);

/* A user's verdicts, by whether the judge was shown something that was learned; and the pairs that
 * it was learned from, 0 where the input does not have them. */
struct taught {
    size_t verdicts[2], pairs;
};

/* Counts from how many pairs the user's judge learned, if that can be told: from none, if it was
 * shown nothing. */
void eval_keep_learned(struct judged *judged, const struct taught *taught);

/* The interval of a user's accuracy, or of one input's over all. */
struct sm_ci eval_interval(struct eval *e, const struct sm_tally *t,
                           const struct sm_outcomes *outcomes, size_t count);
struct sm_ci eval_interval_all(struct eval *e, const struct judged *judged);

double eval_accuracy(const struct eval *e, const struct sm_tally *t);

/* NAN of nothing. */
double eval_share(double part, double whole);

/* From how many pairs a user's judge learned, in the mean; NAN: not known. */
double eval_learned(const struct judged *judged);

/* Appends a number so that it reads back the same, null for NaN; a ,"ci":… member. */
void eval_number(struct sm_buf *out, double number);
void eval_ci(struct sm_buf *out, const char *name, enum sm_ci_method method, struct sm_ci ci);

#define EVAL_CSV_HEAD                                                                              \
    "file,user,pairs,n,accuracy,low,high,ties,failed,first_share,agreement,learned_from\r\n"

/* Whether there is a table for people, in place of records or CSV; and its rows. Those of several
 * inputs are added when all are compared: as a learning curve, if they are one. */
bool eval_has_table(const struct eval *e);
void eval_table_user(struct eval *e, const char *user, const struct sm_tally *t, struct sm_ci ci);
void eval_table_all(struct eval *e, const struct judged *judged, struct sm_ci ci);
void eval_table_files(struct eval *e, const struct judged *judged, size_t count);

/* Appends the `result` record of a user, and the one over all. */
void eval_result(struct eval *e, struct sm_buf *out, const struct judged *judged, const char *user,
                 const struct sm_tally *t, struct sm_ci ci);
void eval_result_all(struct eval *e, struct sm_buf *out, const struct judged *judged,
                     struct sm_ci ci);

/* A user's figures, or, `user` being NULL, those over all, in the form that was asked for. */
void eval_write_user(struct eval *e, const struct judged *judged, const char *user,
                     const struct sm_tally *t, struct sm_ci ci);
void eval_write_all(struct eval *e, struct judged *judged);

/* Compares two inputs on the pairs that both judged: b against a. *worse: it is, beyond chance. */
void eval_compare(struct eval *e, const struct judged *a, struct judged *b, bool *worse);

#endif
