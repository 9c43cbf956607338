/* The state of one search, shared by its calls (search.c), their order (search_next.c), its
 * records (search_records.c) and its dry run (search_plan.c); of no use elsewhere. */
#ifndef SM_SEARCH_RUN_H
#define SM_SEARCH_RUN_H

#include "candidate.h"
#include "judge.h"
#include "search.h"

/* A train or validation row as the judge sees it. */
struct row {
    const struct sm_pair *pair;
    char *question; /* its message as JSON text */
    char *labeled;  /* the messages of it as an example without reasoning; NULL until needed */
};

struct rows {
    struct row *at;
    size_t count;
};

/* One answered question. */
struct trace {
    struct scan *scan;
    bool answered, correct;
    enum sm_choice preference;
    enum sm_status status;
    char *reasoning;
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
    size_t asked, answered, correct; /* in this phase */
    size_t under_way;                /* calls asked and not answered */
    size_t pending;                  /* answers that are left to a batch, or planned */
    struct demo *demos;
    size_t demo_count;
    char *messages; /* the system message and the examples, joined; validation only */
};

struct run {
    struct sm_user *user;
    const struct sm_asker *asker;
    const struct sm_search_options *options;
    struct rows train, val;
    char *system;
    long first_seed;
    struct scan *scans; /* by seed - first_seed */
    size_t scan_count;
    const struct scan *best; /* the winner, once it is known */
    size_t under_way;        /* calls of all candidates */
    size_t right, answers;   /* of the calls that are answered, in whole rounds */
    struct sm_err failed;    /* a call was given up */
    unsigned tried;
};

/* The candidate that decides what is needed, by its number: the first one that could still reach
 * --stop-at (or be right on every row), which ends the search; when there is none, the first one
 * with the greatest bound. *target is what it must reach to win. When it is finished, it has won:
 * every earlier candidate falls short of its score, and no later one can exceed it. */
size_t sm_search_front(const struct run *run, size_t *target);

/* The greatest number of validation rows that a candidate can still get right. */
size_t sm_search_bound(const struct run *run, const struct scan *scan);

/* Whether every validation row is answered. */
bool sm_search_finished(const struct run *run, const struct scan *scan);

/* The smallest number of right rows that ends the search. */
size_t sm_search_enough(const struct run *run);

/* How many further rows of the candidate are to be asked at once, none of its calls being under
 * way; 0: its train rows have given what is wanted, or it has missed `target`. */
size_t sm_search_teach_next(const struct run *run, const struct scan *scan);
size_t sm_search_validate_next(const struct run *run, const struct scan *scan, size_t target);

/* The traces and the `score` record of every candidate, in their order, and the `demos` record of
 * the winner, run->best. */
void sm_search_write(struct run *run);

/* Adds to `plan` what the search may still ask: at least the rest of the rows of one candidate, at
 * most all of every one. */
void sm_search_plan_rest(struct run *run, struct sm_plan *plan);

/* 100 · correct / n, rounded to two digits as the reference does. */
double sm_search_score(size_t correct, size_t n);

#endif
