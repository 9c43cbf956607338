/* What programs that judge by likelihood share: the options, what is known of a user, and the
 * rewards of all replies to one conversation. */
#ifndef CMD_COMMON_REWARDING_H
#define CMD_COMMON_REWARDING_H

#include "cmd/common/judging.h"

#include "lib/judge/reward.h"

struct rewarding_options {
    const char *contrast;
    long history; /* below 0: not given */
    bool per_token;
};

extern const struct sm_opt rewarding_opts[];

struct rewarding {
    struct rewarding_options set;
    const struct judging *judging;
    struct sm_rewarder rewarder;
};

#define REWARDING_DEFAULTS                                                                         \
    {                                                                                              \
        .set = {.contrast = "rejected", .history = -1 }                                            \
    }

/* Whether likelihoods can be asked for with these options; to be called before anything is opened.
 * False if not, which was reported. */
bool rewarding_check(const struct judging *judging, const struct client *client, struct app *app);

/* `judging` and `client` must be open. False if that failed, which was reported. */
bool rewarding_open(struct rewarding *rewarding, const struct judging *judging,
                    const struct client *client);
void rewarding_close(struct rewarding *rewarding);

/* What is known of the user by -m or the stream, or by --history. False with `err` if it cannot be
 * read; release *sides all the same. */
bool rewarding_sides(const struct rewarding *rewarding, const struct sm_user *user,
                     struct sm_sides *sides, struct sm_err *err);

struct valued_reply {
    struct rewards *rewards; /* that it belongs to */
    double reward;
    size_t tokens;
    double ms;
};

/* Replies to one conversation, and the outcome. Before asking, all-zero but for `done` and
 * `arg`. */
struct rewards {
    void (*done)(void *arg); /* all are in, or will not come; called from a later turn */
    void *arg;
    struct valued_reply *replies; /* in their order */
    size_t count, under_way;
    size_t pending;    /* replies left to a dry run */
    bool failed;       /* a reward is missing */
    size_t culprit;    /* the first reply without one */
    struct sm_err why; /* of that reply */
    unsigned tried;
    struct sm_usage usage; /* of all */
    const char *model;
};

/* Borrows all but `rewards` during the call. False if nothing is under way; `rewards` says why: the
 * prompt program fails, or the first reply is empty. */
bool rewarding_ask(const struct rewarding *rewarding, const struct sm_sides *sides, jv context,
                   const jv *replies, size_t count, struct rewards *rewards);
void rewards_release(struct rewards *rewards);

/* Appends ,"model":…,"uses":{…} and the cost, for records. */
void rewards_write_cost(const struct rewarding *rewarding, const struct sm_sides *sides,
                        const struct rewards *rewards, struct sm_buf *out);

/* Appends ,"likelihood":… for the `run` record: how the endpoint was asked. */
void rewarding_summarize(const struct rewarding *rewarding, struct sm_buf *out);

/* For a dry run: adds what `replies` replies of a user who waits for an earlier stage will take.
 * `bytes` are those of all replies, each with its conversation. */
void rewarding_plan(const struct rewarding *rewarding, const struct sm_user *user, int64_t replies,
                    int64_t bytes, struct sm_plan *sum);

#endif
