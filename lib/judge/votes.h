/* One or more answers of the judge to the same question, counted as votes. */
#ifndef SM_JUDGE_VOTES_H
#define SM_JUDGE_VOTES_H

#include "lib/judge/judge.h"
#include "lib/stage/question.h"

#include <stdbool.h>

/* All-zero is empty. Owns the reasons; `model` is the client's. */
struct sm_votes {
    size_t by_choice[SM_SECOND + 1];
    char *reasons[SM_SECOND + 1];    /* of the vote for each choice with the lowest number */
    int reason_votes[SM_SECOND + 1]; /* which that is */
    struct sm_vote {
        int number; /* as asked */
        double p;   /* the probability of First */
    } * each;       /* by their numbers */
    size_t count, room;
    bool has_probability; /* some vote came with a probability, not just a word */
    enum sm_status
        status; /* ok if a vote could be parsed, else of the one with the highest number */
    const char *model;
    struct sm_usage usage; /* of all votes */
    double ms;             /* of all votes */
};

/* Adds an outcome that is not an error. What is told of the votes does not depend on the order in
 * which they come. */
void sm_votes_add(struct sm_votes *votes, const struct sm_outcome *outcome);
/* The same where the preference is not what a reply says: `p` is the probability of First, or NAN.
 */
void sm_votes_add_as(struct sm_votes *votes, const struct sm_outcome *outcome,
                     enum sm_choice choice, double p);
void sm_votes_release(struct sm_votes *votes);

/* The probability of First as shown: the mean over the votes of sm_logprobs_first(), or without
 * probabilities of 1 for First, 0 for Second, 0.5 for a tie. */
double sm_votes_first(const struct sm_votes *votes);

/* First above 0.5, Second below, else a tie. */
enum sm_choice sm_votes_choice(const struct sm_votes *votes);

/* The reasoning of the vote for that choice with the lowest number, or of any if nobody voted so;
 * or NULL. */
const char *sm_votes_reasoning(const struct sm_votes *votes);

#endif
