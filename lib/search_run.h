/* The state of one search, shared by its scheduler (search.c), its records (search_records.c) and
 * its dry run (search_plan.c); of no use elsewhere. */
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

enum phase { PHASE_TEACH, PHASE_VALIDATE, PHASE_OVER };

/* A candidate. */
struct scan {
    struct run *run; /* NULL: not begun, or over and not the best */
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
    double score;   /* percent, two digits; set when all rows are validated */
};

struct run {
    struct sm_user *user;
    const struct sm_asker *asker;
    const struct sm_search_options *options;
    struct rows train, val;
    char *system;
    long first_seed, last_seed;
    struct scan *scans;       /* by seed - first_seed */
    size_t scan_count, front; /* the first candidate that is not over */
    struct scan *best;        /* the best finished one, or NULL */
    size_t tied;              /* finished candidates with the best score */
    size_t under_way;         /* of all candidates */
    struct sm_err failed;     /* a call was given up */
    unsigned tried;
};

/* `score` records: of a candidate that is over, with why it was not finished (NULL: it was); and of
 * one that was never begun. Of a candidate its traces come first. */
void sm_search_write_scan(struct run *run, const struct scan *scan, const char *pruned);
void sm_search_write_skipped(struct run *run, long seed, const char *pruned);

/* Adds to plan->most what the candidates that are not over may still ask. */
void sm_search_plan_rest(struct run *run, struct sm_plan *plan);

/* The `demos` record of the winner. */
void sm_search_write_winner(struct run *run);

/* 100 · correct / n, rounded to two digits as the reference does. */
double sm_search_score(size_t correct, size_t n);

#endif
