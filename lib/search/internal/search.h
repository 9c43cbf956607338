/* The state of one search, shared by its calls (search.c), their order (search_next.c), its
 * records (search_records.c) and its dry run (search_plan.c); of no use elsewhere. */
#ifndef SM_SEARCH_INTERNAL_SEARCH_H
#define SM_SEARCH_INTERNAL_SEARCH_H

#include "lib/judge/judge.h"
#include "lib/search/candidate.h"
#include "lib/search/search.h"

/* A train or validation row as the judge sees it, in its order of presentation and the other. */
struct row {
    const struct sm_pair *pair;
    char *question, *swapped; /* its message as JSON text; `swapped` is NULL until needed */
    char *labeled; /* the messages of it as an example without reasoning; NULL until needed */
};

struct rows {
    struct row *at;
    size_t count;
};

/* One call. */
struct answer {
    struct trace *trace;
    bool asked, answered;
    enum sm_choice preference; /* as shown */
};

/* One row under one candidate. */
struct trace {
    struct scan *scan;
    const struct row *row;
    struct answer given, swapped; /* in the row's order of presentation, and in the other */
    bool answered, correct;       /* it counts; with --verify both: in both orders */
    enum sm_status status;
    char *reasoning; /* of `given` */
    struct sm_usage usage;
    double ms;
};

/* An example in a prompt: a train row, with the reasoning of its kept trace or without. */
struct demo {
    size_t row;
    const struct trace *trace; /* NULL: labeled */
};

enum phase { PHASE_TEACH, PHASE_VALIDATE };

/* A candidate. */
struct scan {
    struct run *run; /* NULL: not begun */
    struct sm_candidate candidate;
    enum phase phase;
    struct trace *teach;             /* by position in candidate.order */
    struct trace *validate;          /* by validation row */
    size_t asked, answered, correct; /* rows, in this phase */
    size_t under_way;                /* calls asked and not answered */
    size_t pending;                  /* answers that are left to a batch, or planned */
    struct demo *demos;
    size_t demo_count;
    char *messages; /* "[", the system message and the examples, joined; validation only */
};

struct run {
    struct sm_user *user;
    struct sm_search *search;
    struct rows train, val;
    char *system;
    long first_seed;
    struct scan *scans; /* by seed - first_seed */
    size_t scan_count;
    const struct scan *best; /* the winner, once it is known */
    size_t calls, under_way; /* of all candidates */
    size_t right, answers;   /* of the rows that are answered, in whole rounds */
    double quickest_ms;      /* of the answers, as first measured */
    struct sm_err failed;    /* a call was given up */
    unsigned tried;
};

/* --- What comes next (search_next.c) --- */

/* The candidate that decides what is needed, by its number: the first one that could still reach
 * --stop-at (or be right on every row), which ends the search; when there is none, the first one
 * with the greatest bound. *target is what it must reach to win. When it is finished, it has won:
 * every earlier candidate falls short of its score, and no later one can exceed it. Where ties are
 * not left to the order, all with the greatest bound come before that. Candidates that the budget
 * does not allow to finish are passed over. */
size_t sm_search_front(const struct run *run, size_t *target);

/* The greatest number of validation rows that a candidate can still get right. */
size_t sm_search_bound(const struct run *run, const struct scan *scan);

/* Whether every validation row is answered. */
bool sm_search_finished(const struct run *run, const struct scan *scan);

/* The smallest number of right rows that ends the search. */
size_t sm_search_enough(const struct run *run);

/* The most calls that it may take to finish a candidate, and whether that can be afforded while
 * all that were begun are finished. */
size_t sm_search_rest(const struct run *run, const struct scan *scan);
bool sm_search_affordable(const struct run *run, const struct scan *scan);

/* How many further rows of the candidate are to be asked at once, none of its calls being under
 * way; 0: its train rows have given what is wanted, or it has missed `target`. */
size_t sm_search_teach_next(const struct run *run, const struct scan *scan);
size_t sm_search_validate_next(const struct run *run, const struct scan *scan, size_t target);

/* Whether a second presentation of a row is to be asked before the first is answered. */
bool sm_search_swap_at_once(const struct run *run);

/* --- The calls (search_ask.c) --- */

void sm_search_collect(struct run *run, struct rows *rows, enum sm_split split);
void sm_search_free_rows(struct rows *rows);

/* The instructions with `persona` (may be NULL). The caller owns the text. */
char *sm_search_system(struct run *run, const char *persona);

/* Asks the next train row, or the next validation row, of a candidate. When all calls of the row
 * are answered, sm_search_advance() goes on. */
void sm_search_teach(struct scan *scan);
void sm_search_validate(struct scan *scan);

/* Asks the other presentation of those validation rows that were asked in one only. */
void sm_search_compare(struct scan *scan);

/* From teaching to validation: chooses the examples. */
void sm_search_taught(struct scan *scan);

/* Asks what comes next, or ends the search: `run` may be gone afterwards. */
void sm_search_advance(struct run *run);

/* --- What came of it (search_records.c, search_plan.c) --- */

/* Validation rows on which both presentations were answered with the same reply. */
size_t sm_search_consistent(const struct run *run, const struct scan *scan);

/* The traces and the `score` record of every candidate, in their order, and the `demos` record of
 * the winner, run->best. */
void sm_search_write(struct run *run);

/* Adds to `plan` what the search may still ask: at least the rest of the rows of one candidate, at
 * most all of every one. */
void sm_search_plan_rest(struct run *run, struct sm_plan *plan);

/* 100 · correct / n, rounded to two digits as the reference does. */
double sm_search_score(size_t correct, size_t n);

#endif
