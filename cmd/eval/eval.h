/* What the parts of sm-eval share: what was asked for, and one input with its verdicts. */
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
    struct sm_pair_predictions *outcomes;
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

#endif
