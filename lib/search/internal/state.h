/* The state of one search, and what follows from it. */
#ifndef SM_SEARCH_INTERNAL_STATE_H
#define SM_SEARCH_INTERNAL_STATE_H

#include "lib/judge/judge.h"
#include "lib/judge/reward.h"
#include "lib/search/candidate.h"
#include "lib/search/search.h"

/* A train or validation row; for verdicts, as the judge sees it in its order of presentation and in
 * the other. */
struct row {
    const struct sm_pair *pair;
    char *question, *swapped; /* its message as JSON text; `swapped` is NULL until needed */
    char *labeled;            /* its messages as an example without reasoning; NULL until needed */
};

struct rows {
    struct row *at;
    size_t count;
};

/* A call and its answer. */
struct answer {
    struct trace *trace;
    bool asked, answered;
    enum sm_choice preference; /* as shown */
};

/* A reply and its reward. */
struct valued {
    struct trace *trace;
    bool answered;
    double reward;
    size_t tokens;
};

enum { CHOSEN, REJECTED, REPLIES };

/* One row under one candidate. */
struct trace {
    struct trial *trial;
    const struct row *row;
    struct answer given, swapped;   /* in the row's order of presentation, and in the other */
    struct valued replies[REPLIES]; /* by likelihood, which derives `given` from them */
    bool answered, correct; /* answered: it counts. correct: with --verify both, in both orders */
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

/* A candidate and what was asked about it. */
struct trial {
    struct search_state *state; /* NULL: not begun */
    struct sm_candidate candidate;
    enum phase phase;
    struct trace *teach;             /* by position in candidate.order */
    struct trace *validate;          /* by validation row */
    size_t asked, answered, correct; /* rows, in this phase */
    size_t under_way;                /* calls that are not answered yet */
    size_t pending;                  /* answers left to a batch, or planned */
    struct demo *demos;
    size_t demo_count;
    size_t prompt_bytes; /* of what precedes its validation rows */
    char *messages;      /* that, for verdicts: "[", the system message and the examples, joined */
    struct sm_sides sides; /* that, by likelihood */
};

/* The search for one user. */
struct search_state {
    struct sm_user *user;
    struct sm_search *search;
    const struct oracle *oracle; /* see oracle.h */
    /* Called when a call ends. Asks what comes next, or ends the search and frees the state. */
    void (*advance)(struct search_state *state);
    struct rows train, val;
    char *system;        /* the system message, for verdicts */
    const char *persona; /* by likelihood, or NULL */
    bool foreseen;       /* earlier stages are yet to run, and may give a persona */
    long first_seed;
    struct trial *trials; /* by seed - first_seed */
    size_t trial_count;
    const struct trial *best; /* the winner, once known */
    size_t calls, under_way;  /* of all candidates */
    size_t right, answers;    /* of the rows answered so far, under any candidate */
    double quickest_ms;       /* of all answers, as first measured */
    struct sm_err failed;     /* why a call failed */
    unsigned tried;
};

/* Whether order alone decides between candidates with the same score. */
bool sm_search_by_order(const struct search_state *state);

/* The seed of a candidate, begun or not. */
long sm_search_seed(const struct search_state *state, const struct trial *trial);

/* 100 · correct / n, rounded to two digits as the reference does. */
double sm_search_score(size_t correct, size_t n);

/* The most validation rows that a candidate can still get right. */
size_t sm_search_bound(const struct search_state *state, const struct trial *trial);

/* Whether every validation row is answered. */
bool sm_search_finished(const struct search_state *state, const struct trial *trial);

/* The fewest right rows that end the search. */
size_t sm_search_enough(const struct search_state *state);

/* The most calls that finishing a candidate may take; and whether the budget allows them, in
 * addition to those of all others that were begun if they run side by side. */
size_t sm_search_rest(const struct search_state *state, const struct trial *trial);
bool sm_search_affordable(const struct search_state *state, const struct trial *trial);

/* The number of validation rows on which both presentations got the same reply. */
size_t sm_search_consistent(const struct search_state *state, const struct trial *trial);

#endif
