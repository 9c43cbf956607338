/* What programs that judge by likelihood share: the options, what is known of a user, and the
 * rewards of all replies to one conversation. */
#ifndef CMD_COMMON_REWARDING_H
#define CMD_COMMON_REWARDING_H

#include "cmd/common/judging.h"

#include "lib/judge/reward.h"

struct rewarding_options {
    const char *contrast; /* NULL: not given */
    bool per_token;
    long history; /* below 0: not given */
    bool calibrate;
};

/* What is subtracted, and how a reply's tokens count; and what the history is. */
extern const struct sm_opt reward_opts[], history_opts[];

struct rewarding {
    struct rewarding_options set;
    const struct judging *judging;
    struct sm_rewarder rewarder;
};

#define REWARDING_OPTIONS                                                                          \
    {                                                                                              \
        .history = -1                                                                              \
    }
#define REWARDING_DEFAULTS                                                                         \
    {                                                                                              \
        .set = REWARDING_OPTIONS                                                                   \
    }

/* Whether --by (NULL: not given) is likelihood. */
bool is_by_likelihood(const char *by);

/* One of them that was given and needs other lines than the one to answer; or NULL. */
const char *clash_with_lines(const struct rewarding_options *set);

/* Whether the options have a meaning together: those for likelihoods with --by likelihood alone,
 * those about verdicts (`judging`, NULL: there are none) only without. To be called before anything
 * is opened. False if not, which was reported. */
bool rewarding_check(const char *by, const struct rewarding_options *set,
                     const struct judging_options *judging, const struct client *client,
                     struct app *app);

/* Rewards as the options say. False if likelihoods cannot be had, which was reported. */
bool rewarder_open(struct sm_rewarder *rewarder, const struct rewarding_options *set,
                   const struct client *client, struct app *app);

/* `judging` and `client` must be open. False if that failed, which was reported. */
bool rewarding_open(struct rewarding *rewarding, const struct judging *judging,
                    const struct client *client);
void rewarding_close(struct rewarding *rewarding);

/* What is known of a user, by -m or the stream, or by --history. */
struct known {
    jv persona; /* its text, or invalid */
    jv choices; /* as in `demos` records, or invalid */
    jv search;  /* the `demos` record, if the choices are its; or invalid */
};

/* False with `err` if it cannot be read; release *known all the same. */
bool known_init(struct known *known, const struct rewarding *rewarding, const struct sm_user *user,
                struct sm_err *err);
void known_release(struct known *known);

/* The scale of rewards (see lib/judge/scale.h) that the search for these choices has found, if its
 * rewards were the same; else 0. */
double known_scale(const struct known *known, const struct rewarding *rewarding,
                   const struct sm_sides *sides);

/* Both sides of what is known. False with `err`: the prompt program fails; release *sides all the
 * same. */
bool rewarding_sides(const struct rewarding *rewarding, const struct known *known,
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
