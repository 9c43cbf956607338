/* One or more answers of the judge to the same question, counted as votes. */
#ifndef SM_JUDGE_VOTES_H
#define SM_JUDGE_VOTES_H

#include "lib/judge/judge.h"
#include "lib/stage/question.h"

#include <stdbool.h>

/* All-zero is empty. Owns the reasons; `model` is the client's. */
struct sm_votes {
    size_t by_choice[SM_SECOND + 1];
    char *reasons[SM_SECOND + 1]; /* of the first vote for each choice */
    double p_sum;                 /* of the votes' probabilities of First */
    size_t count;
    bool has_probability;  /* some vote came with a probability, not just a word */
    enum sm_status status; /* of the first vote that could be parsed, else of the last */
    const char *model;
    struct sm_usage usage; /* of all votes */
    double ms;             /* of all votes */
};

/* Adds an outcome that is not an error. */
void sm_votes_add(struct sm_votes *votes, const struct sm_outcome *outcome);
void sm_votes_release(struct sm_votes *votes);

/* The probability of First as shown: the mean over the votes of sm_logprobs_first(), or without
 * probabilities of 1 for First, 0 for Second, 0.5 for a tie. */
double sm_votes_first(const struct sm_votes *votes);

/* First above 0.5, Second below, else a tie. */
enum sm_choice sm_votes_choice(const struct sm_votes *votes);

/* The reasoning of the first vote for that choice, or of any if nobody voted so; or NULL. */
const char *sm_votes_reasoning(const struct sm_votes *votes);

#endif
