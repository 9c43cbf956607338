/* An oracle says which reply of a pair the user would prefer; and what it tells the search. */
#ifndef SM_SEARCH_INTERNAL_ORACLE_H
#define SM_SEARCH_INTERNAL_ORACLE_H

#include "lib/search/internal/state.h"

/* Asks rows. If it fails before it asks, it calls sm_search_give_up(). */
struct oracle {
    /* Once the rows are collected: prepares what all candidates share. */
    void (*open)(struct search_state *state, const char *persona);
    /* Once the candidate's examples are chosen: prepares what precedes its validation rows, and
     * sets trial->prompt_bytes. */
    void (*prepare)(struct trial *trial);
    /* The most calls that one row of the candidate takes. */
    size_t (*calls)(const struct search_state *state, const struct trial *trial);
    /* Asks trace->row, with trace->trial. */
    void (*ask)(struct trace *trace);
    /* Asks the row in its other order of presentation. NULL if it has none. */
    void (*ask_swapped)(struct trace *trace);
    /* Appends members that only this oracle's traces have. */
    void (*write)(const struct trace *trace, struct sm_buf *out);
    /* Appends members that only its `demos` records have, of the candidate that is taken. NULL if
     * there are none. */
    void (*write_won)(const struct search_state *state, const struct trial *taken,
                      struct sm_buf *out);
    /* Adds to `plan`: at least the rows that `nearest` was not asked, at most `calls` calls, and
     * about `expected`. */
    void (*plan)(struct search_state *state, const struct trial *nearest, int64_t calls,
                 int64_t expected, struct sm_plan *plan);
};

/* By the verdict of a model that reads both replies; its reasons become examples. */
extern const struct oracle sm_search_by_verdict;

/* By how likely the replies are after what the user chose, against what the user rejected. */
extern const struct oracle sm_search_by_likelihood;

/* Something was asked that gets one answer and counts as so many calls. */
void sm_search_asked(struct trial *trial, size_t calls);

/* It was answered; or it was not: its calls wait, or the search has failed. Call state->advance()
 * once all is taken from the answer. */
void sm_search_answered(struct trial *trial, double ms);
void sm_search_unanswered(struct trial *trial, size_t calls, const struct sm_err *error,
                          unsigned tried);

/* Counts a row: all that it needs is answered. */
void sm_search_settle(struct trace *trace, bool correct);

/* The search cannot go on. Consumes `err`, of which the first is kept. */
void sm_search_give_up(struct search_state *state, struct sm_err *err);

#endif
