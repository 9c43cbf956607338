/* A ranking under way. user.c goes through a user's objects, list.c finds the contestants of one,
 * contest.c asks, outcome.c says what came of it, write.c writes the record. */
#ifndef CMD_RANK_RANK_H
#define CMD_RANK_RANK_H

#include "cmd/common/rewarding.h"

#include "lib/eval/adaptive.h"
#include "lib/eval/tournament.h"

/* How much a contestant of --full counts as tied with an average one; see bradley_terry.h. */
#define RANK_PRIOR 1.0

struct ranker;

enum rank_mode { RANK_BEST, RANK_ORDER, RANK_FULL, RANK_ADAPTIVE };

enum order { FORWARD, REVERSE, ORDERS };

/* Two contestants in one order. */
struct side {
    struct comparison *comparison;
    bool asked;
    size_t question; /* its number in an adaptive ranking */
    struct judgment judgment;
};

/* Two contestants; forward shows the earlier candidate first. */
struct comparison {
    struct contest *contest;
    struct sm_match match;
    struct side sides[ORDERS];
    size_t under_way; /* sides */
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
    struct sm_tournament *tournament;     /* by verdict, this or */
    struct sm_adaptive *adaptive;         /* this; and */
    struct comparison **comparisons;      /* by a * contestants + b */
    size_t under_way;                     /* sides */
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
    /* Begins contests while there is room. May free `ranked`. */
    void (*advance)(struct ranker *ranker, struct ranked_user *ranked);
    struct judge judge;       /* by verdict */
    struct sm_sides sides;    /* by likelihood */
    struct contest *contests; /* by record */
    size_t count, begun, ended;
    size_t under_way; /* sides or rewards */
    size_t failed;    /* contests */
    size_t pending;   /* judgments or rewards */
};

struct ranker {
    struct app *app;
    enum rank_mode mode;
    bool both;   /* asks each comparison in both orders */
    long budget; /* questions of an adaptive ranking; 0: as many as is usual */
    long seed;
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

/* Whether the verdicts are shares of votes or probabilities of tokens. */
bool comparison_has_probabilities(const struct comparison *comparison);

/* How sure it is that the one shown first is preferred: 1, 0, 0.5 for a tie, or a probability. */
double side_won(const struct side *side);

/* The same of the earlier candidate, the mean over the orders that were asked. */
double comparison_won(const struct comparison *comparison);

/* With probabilities (--votes, --logprobs) their mean decides; without, a contestant wins who is
 * preferred in all orders that were asked. */
enum sm_result comparison_result(const struct comparison *comparison);

/* The comparisons that decided, always in the same order, for the caller to free. */
const struct comparison **rank_played(const struct contest *contest, size_t *count);

/* The model of all their verdicts, to be closed. */
struct sm_duels *rank_model(const struct contest *contest);

/* Asks about the candidates of an object. */
void contest_begin(struct ranker *ranker, struct contest *contest);
void contest_release(struct contest *contest);

/* A user's questions fill all places in flight, but no more are asked: 64 candidates that all meet
 * make 4,032 requests. */
bool rank_has_room(const struct ranker *ranker, const struct ranked_user *ranked);

/* For sm_stage. */
void rank_user(struct sm_user *user);
void rank_plan_user(struct sm_user *user, struct sm_plan *sum);
void rank_plan_rewards(struct sm_user *user, struct sm_plan *sum);

/* Appends the `ranking` record of a contest that is over, to contest->out. */
void rank_write(struct ranker *ranker, struct contest *contest);

#endif
