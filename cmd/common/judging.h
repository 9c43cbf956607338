/* What programs that put pairs to a user's judge share: where the judge comes from, and a pair in
 * one order, asked once or for several votes. */
#ifndef CMD_COMMON_JUDGING_H
#define CMD_COMMON_JUDGING_H

#include "cmd/common/client.h"

#include "lib/judge/rubric.h"
#include "lib/judge/votes.h"
#include "lib/stage/learned.h"

#include <stdint.h>

struct judging_options {
    const char *learned; /* the file of --trained */
    bool no_persona, no_demos, no_rubric, logprobs;
    long votes;
    long personas; /* of a user that vote, at most; each --votes times */
};

extern const struct sm_opt judging_opts[], personas_opts[];

struct judging {
    struct judging_options set;
    struct app *app;
    struct sm_asker asker;
    struct sm_asker scorer;     /* the same, for rubrics */
    struct sm_learned *learned; /* NULL if what was learned is in the stream */
    long nearest; /* so many examples are chosen for each question, by others; 0: those learned */
};

#define JUDGING_DEFAULTS                                                                           \
    {                                                                                              \
        .set = {.votes = 1, .personas = 1 }                                                        \
    }

/* Opens the client and what the options name. False if that failed, which was reported. */
bool judging_open(struct judging *judging, struct client *client, struct app *app);
void judging_close(struct judging *judging);

/* Tells once of a user of whom records are missing, with the first reason, and counts the user as
 * failed. `what` names the records. No word if the stage ends early. */
void judging_report(const struct judging *judging, const struct sm_user *user, size_t failed,
                    size_t count, const char *what, const struct sm_err *why);

/* A user's judge. All-zero is empty. */
struct judge {
    struct sm_buf head; /* the messages before the question */
    bool persona;
    struct sm_buf *others; /* the same by the further personas that vote */
    size_t voters;         /* personas that vote, if there may be several; else 0 */
    size_t demos;          /* examples shown */
    bool fallback;         /* none, because the search told none from no example at all */
    char *nearest; /* the indices of examples that were chosen for the question, a JSON list; or
                      NULL */
    struct sm_rubric rubric; /* decides instead of all of these, if it has criteria */
};

/* Whether that is what a `demos` record (borrowed; may be invalid) says. */
bool demos_fell_back(jv demos);

bool judge_init(struct judge *judge, const struct judging *judging, const struct sm_user *user,
                struct sm_err *err);
void judge_release(struct judge *judge);

/* Append ,"uses":{…} for records; `nearest` as in struct judge. */
void judging_write_uses(bool persona, size_t demos, bool fallback, const char *nearest,
                        struct sm_buf *out);
void judge_write_uses(const struct judge *judge, struct sm_buf *out);

/* A pair in one order as put to the judge, and the outcome. Before asking, all-zero but for `done`
 * and `arg`. */
struct judgment {
    void (*done)(void *arg); /* all votes are in, or will not come; called from a later turn */
    void *arg;
    size_t under_way; /* votes */
    struct ballot *ballots;
    struct sm_votes votes;
    const struct sm_rubric
        *rubric;    /* that it is judged by, or NULL; of the judge, as what follows */
    double *scores; /* sums over the votes that could be read: the first reply's, the second's */
    size_t scored;  /* these votes */
    bool pending, failed; /* votes are missing: they wait for a batch, or failed */
    struct sm_err why;    /* why it failed */
    unsigned tried;
};

/* Asks each persona that votes --votes times. False, asking nothing, if the prompt program fails on
 * this pair; `judgment` says why. */
bool judging_ask(const struct judging *judging, const struct judge *judge,
                 const struct sm_pair *pair, bool chosen_first, struct judgment *judgment);
void judgment_release(struct judgment *judgment);

/* For a dry run: the most bytes that a persona and examples from an earlier stage may add to a
 * prompt, if all train and validation pairs become examples and replies are as long as allowed.
 * False if the prompt program fails. */
bool judging_learned_most(const struct judging *judging, const struct sm_user *user,
                          int64_t *bytes);

#endif
