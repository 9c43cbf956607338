/* What the parts of sm-eval share: the options, and an input with its verdicts. */
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
    bool table, markdown, latex, csv;
    struct sm_string_list label;
    const char *ci, *ties, *fail_if_worse;
    double fail_under; /* below 0: no gate */
};

/* One input: what its figures and comparisons need. Only several inputs keep their outcomes. */
struct judged {
    const char *name;
    bool unread;                 /* it could not be read to its end */
    struct sm_string_set *users; /* all with verdicts or errors */
    struct sm_tally all;
    /* By user with scored verdicts: the correct ones (see --ties), and how many. */
    double *sums, *counts;
    size_t scored_users, sums_room, counts_room;
    struct sm_ci last; /* of the last user with scored verdicts */
    size_t failed_users, pending_users;
    size_t learners, learned; /* users whose number of pairs learned from is known; its sum */
    struct sm_ci ci;          /* over all */
    bool compared;            /* with the first input, on what both have */
    double difference;
    struct sm_ci difference_ci;
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
    bool several;           /* there are several inputs */
    struct sm_table *table; /* opened with the first row */
    struct sm_buf text;     /* below the table */
};

#endif
