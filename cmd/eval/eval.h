/* What the parts of sm-eval share: the options, and an input with its verdicts. */
#ifndef CMD_EVAL_EVAL_H
#define CMD_EVAL_EVAL_H

#include "lib/base/string_set.h"
#include "lib/eval/clustered.h"
#include "lib/eval/scores.h"
#include "lib/eval/sequential.h"
#include "lib/eval/shrink.h"
#include "lib/io/table.h"

#include "cmd/common/app.h"

enum ties { TIES_WRONG, TIES_HALF, TIES_DROPPED };

struct eval_options {
    long seed;
    bool table, markdown, latex, csv, by_user, sequential;
    struct sm_string_list label;
    const char *ci, *ties, *unit, *fail_if_worse;
    double fail_under; /* below 0: no gate */
};

/* An interval, and what it is. */
struct interval {
    struct sm_ci ci;           /* NAN: there is none */
    const char *method, *unit; /* unit: what it takes as independent: user, pair or verdict */
    double se, degrees;        /* the standard error and Student's degrees of freedom, or NAN */
};

/* The mean of values of verdicts or pairs; see enum sm_series. */
struct estimate {
    double sum, count;
    double pair_sum, pairs; /* the sum of the pairs' means, and how many pairs these are */
    struct interval interval;
};

/* Those of a user, or over all. */
struct estimates {
    struct estimate of[SM_SERIES];
    struct sm_clustered clustered; /* accuracy: by user over all; by pair of one user */
    double macro;                  /* over all: the mean of the users' accuracies */
    struct interval macro_interval;
};

/* How an input (b) compares with the first one (a), on what both have. */
struct comparison {
    bool made;
    size_t pairs, verdicts, users, better, worse; /* users for whom b is better, worse */
    size_t pairs_better, pairs_worse;
    size_t missing_a, missing_b; /* verdicts that a lacks; that b lacks */
    double accuracy_a, accuracy_b, difference, mean;
    struct interval interval, mean_interval;
    double cohens_d, permutation_p, wilcoxon_p, sign_p;
    double holm_p; /* of the permutation test, or of the sign test where a pair is the unit */
    struct left_out {
        size_t tie_a, tie_b, both; /* pairs with a verdict that a tie takes out, by whose it is */
        double right_a, right_b;   /* accuracy of the judge that has no tie there */
        double difference;         /* with ties as half right, and nothing left out */
        struct interval interval;
    } left_out;
    struct each {
        const char *user; /* borrowed from an input */
        size_t pairs, better, worse;
        double difference, p, adjusted_p;
    } * each;
    size_t each_count, each_room;
    size_t helped, harmed;     /* users, beyond chance */
    size_t usual_pairs;        /* of a user */
    size_t takes, takes_alone; /* so many of these must go one way; see sm_sign_least() */
    struct sm_sequential sequential;
};

/* One input: what its figures and comparisons need. Only several inputs keep their outcomes. */
struct judged {
    const char *name;
    bool unread;                 /* it could not be read to its end */
    struct sm_string_set *users; /* all with verdicts or errors */
    struct sm_tally all;
    struct by_user { /* the users who have such values */
        double *sums, *counts;
        size_t count, sums_room, counts_room;
        struct estimate all, last; /* their sums; and the figure of the last one */
    } by_user[SM_SERIES];
    struct sm_clustered last; /* of the last user with scored verdicts */
    size_t failed_users, pending_users;
    size_t learners, learned; /* users whose number of pairs learned from is known; its sum */
    struct estimates figures; /* over all */
    FILE *finished;           /* see users.h; NULL: no user yet */
    size_t *order;            /* numbers of the users, by name */
    struct sm_trials *trials; /* in that order */
    struct comparison against_first;
    struct sm_pair_predictions *outcomes;
    size_t outcome_count, outcome_room;
    struct span {
        size_t from, count;
    } * spans; /* of `outcomes`, by user */
    size_t span_room;
};

#define KNOWN_INTERVALS 1024
#define PAIR_HALVES 5 /* the sum over the verdicts of a pair: 0, 0.5 … 2 */
#define PAIR_KINDS 10 /* the sums of one verdict, then those of two */

struct eval {
    struct app *app;
    struct sm_reader reader; /* of the current input */
    /* Users with the same counts have the same interval: it is resampled once. */
    struct known {
        size_t correct, halves, n;
        struct sm_ci ci;
    } known[KNOWN_INTERVALS];
    struct known_pairs {
        bool set;
        size_t kinds[PAIR_KINDS]; /* pairs, by scored verdicts and their sum */
        struct sm_ci ci;
    } known_pairs[KNOWN_INTERVALS];
    struct eval_options set;
    enum sm_ci_method method;
    enum ties ties;
    bool by_pair;           /* --unit pair */
    bool several;           /* there are several inputs */
    struct sm_table *table; /* opened with the first row */
    struct sm_buf text;     /* below the table */
};

#endif
