/* A ranking under way, as sm-rank's parts share it: what is compared (sm-rank.c), who
 * takes part (rank_list.c) and what is written of it (rank_write.c). */
#ifndef CMD_RANK_RANK_H
#define CMD_RANK_RANK_H

#include "cmd/common/judging.h"

#include "lib/eval/tournament.h"

/* How much a contestant of --full counts as tied with an average one; see bradley_terry.h. */
#define RANK_PRIOR 1.0

/* Two contestants in both orders. `forward` shows the one that stands earlier first. */
struct comparison {
    struct contest *contest;
    struct sm_match match;
    struct judgment forward, reverse;
    size_t under_way; /* verdicts */
};

/* The candidates of one record. Those that the judge would be shown as the same are one contestant:
 * a contestant's number is its place among the first of each kind. */
struct contest {
    struct job *job;
    const struct sm_candidates *slate;
    size_t candidates, contestants;
    size_t contestant[SM_CANDIDATES_MAX]; /* of a candidate */
    size_t candidate[SM_CANDIDATES_MAX];  /* of a contestant: the first one */
    size_t bytes[SM_CANDIDATES_MAX];      /* of a contestant: the question, were it both replies */
    struct sm_tournament *tournament;
    struct comparison **comparisons; /* by a * contestants + b */
    size_t under_way;                /* comparisons */
    size_t pending;                  /* verdicts that are left to a batch, or planned */
    bool failed;
    struct sm_err why;
    unsigned tried;
    struct sm_buf out; /* its record, once it is over */
};

/* A user. */
struct job {
    struct sm_user *user;
    struct judge judge;
    struct contest *contests; /* by record */
    size_t count, begun, ended;
    size_t under_way; /* comparisons */
    size_t failed;    /* contests */
    size_t pending;   /* verdicts */
};

struct ranker {
    struct app *app;
    enum sm_tournament_mode mode;
    struct judging judging;
    size_t rankings, comparisons, ties, cyclic; /* for the `run` record */
};

/* A candidate, for the caller to free, and the pair that a comparison puts to the judge, which
 * borrows. */
jv rank_reply(const struct contest *contest, size_t candidate);
struct sm_pair rank_pair(const struct contest *contest, jv first, jv second);

/* Finds out which candidates are the same to the judge, and opens the tournament of the others. */
bool rank_enlist(const struct ranker *ranker, struct contest *contest, struct sm_err *err);

/* Adds the comparisons that were not asked yet, at least and at most: `head` bytes before each
 * question, and up to `learned` more. */
void rank_plan(const struct ranker *ranker, const struct contest *contest, size_t head,
               int64_t learned, struct sm_plan *plan);

/* How a comparison ended: by the mean of the probabilities in both orders where the judge told any
 * (--votes, --logprobs), else a contestant won who was named in both. */
enum sm_result comparison_result(const struct comparison *comparison);

/* Appends the `ranking` record of a contest that is over, to contest->out. */
void rank_write(struct ranker *ranker, struct contest *contest);

#endif
