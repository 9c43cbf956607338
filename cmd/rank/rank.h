/* A ranking under way. sm-rank.c runs the comparisons, or asks for rewards, list.c finds the
 * contestants, write.c writes the result. */
#ifndef CMD_RANK_RANK_H
#define CMD_RANK_RANK_H

#include "cmd/common/rewarding.h"

#include "lib/eval/tournament.h"

/* How much a contestant of --full counts as tied with an average one; see bradley_terry.h. */
#define RANK_PRIOR 1.0

/* Two contestants in both orders; `forward` shows the earlier candidate first. */
struct comparison {
    struct contest *contest;
    struct sm_match match;
    struct judgment forward, reverse;
    size_t under_way; /* judgments */
};

/* The candidates of one record. Candidates that look the same to the judge are one contestant;
 * contestants are numbered in the order of their first candidates. */
struct contest {
    struct ranked_user *ranked;
    const struct sm_candidates *record;
    size_t candidates, contestants;
    size_t contestant[SM_CANDIDATES_MAX]; /* by candidate */
    size_t candidate[SM_CANDIDATES_MAX];  /* by contestant: its first */
    size_t bytes[SM_CANDIDATES_MAX];      /* by contestant: of a question with it as both replies;
                                             by likelihood of its text */
    struct sm_tournament *tournament;     /* by verdict; so are */
    struct comparison **comparisons;      /* by a * contestants + b */
    size_t under_way;                     /* comparisons */
    struct rewards rewards;               /* by likelihood: of the contestants */
    size_t pending;                       /* judgments left to a batch, or planned; or rewards */
    bool failed;
    struct sm_err why;
    unsigned tried;
    struct sm_buf out; /* its record, once it is over */
};

/* A user and the contests. */
struct ranked_user {
    struct sm_user *user;
    struct judge judge;       /* by verdict */
    struct sm_sides sides;    /* by likelihood */
    struct contest *contests; /* by record */
    size_t count, begun, ended;
    size_t under_way; /* comparisons or rewards */
    size_t failed;    /* contests */
    size_t pending;   /* judgments or rewards */
};

struct ranker {
    struct app *app;
    enum sm_tournament_mode mode;
    bool by_likelihood;
    struct judging judging;
    struct rewarding rewarding;
    size_t rankings, comparisons, ties, cyclic, rewards; /* for the `run` record */
};

/* A candidate, for the caller to free. */
jv rank_reply(const struct contest *contest, size_t candidate);

/* The question which of two replies is better, as a pair; borrows all. */
struct sm_pair rank_pair(const struct contest *contest, jv first, jv second);

/* Finds the contestants and opens their tournament. False: the prompt program fails, or by
 * likelihood a candidate is empty. */
bool rank_enlist(const struct ranker *ranker, struct contest *contest, struct sm_err *err);

/* Adds the comparisons that are left, at least and at most. Before each question come `head` bytes,
 * and up to `learned` more. */
void rank_plan(const struct ranker *ranker, const struct contest *contest, size_t head,
               int64_t learned, struct sm_plan *plan);

/* The bytes of all contestants, each with the conversation. */
int64_t rank_bytes(const struct contest *contest);

/* With probabilities (--votes, --logprobs) their mean over both orders decides; without, a
 * contestant wins who is preferred in both. */
enum sm_result comparison_result(const struct comparison *comparison);

/* Appends the `ranking` record of a contest that is over, to contest->out. */
void rank_write(struct ranker *ranker, struct contest *contest);

#endif
