/* The judge by a rubric: the model scores both replies of a pair by each criterion, in one call,
 * and the weighted sum decides. The words are in lib/prompts/scores.jq. */
#ifndef SM_JUDGE_RUBRIC_H
#define SM_JUDGE_RUBRIC_H

#include "lib/json/record.h"
#include "lib/stage/question.h"

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>

/* All-zero has no criteria and decides nothing. */
struct sm_rubric {
    size_t count;    /* criteria */
    jv criteria;     /* [{name, description, weight, …}, …]; only if there are any */
    double *weights; /* by criterion */
    double scale;    /* of sm_scale_probability() for the difference of the sums; 0: not known */
};

/* Fills *rubric from a `rubric` record that sm_rubric_check() has passed. Borrows `record`. */
void sm_rubric_from(jv record, struct sm_rubric *rubric);
void sm_rubric_release(struct sm_rubric *rubric);

/* Appends "[" and the messages before a pair, for these criteria (borrowed). False with `err` if
 * the prompt program fails. */
bool sm_rubric_head(struct sm_prompts *prompts, jv criteria, struct sm_buf *head,
                    struct sm_err *err);

/* Appends all messages for `pair`: `head`, the pair, "]". */
bool sm_rubric_messages(struct sm_prompts *prompts, const struct sm_buf *head,
                        const struct sm_pair *pair, bool chosen_first, struct sm_buf *out,
                        struct sm_err *err);

/* Appends the body of the first request that sm_rubric_ask() sends for `messages` (borrowed). */
void sm_rubric_request(const struct sm_asker *asker, const struct sm_buf *messages,
                       struct sm_buf *body);

/* Asks, as sm_question_ask() does, for scores by these criteria (borrowed). */
void sm_rubric_ask(const struct sm_asker *asker, jv criteria, char *messages, int vote,
                   sm_outcome_fn *outcome, void *arg);

/* Reads what the program made of a reply: two numbers for each criterion, as shown. False if there
 * are none, as where no reply could be read. */
bool sm_rubric_scores(jv value, size_t count, double *first, double *second);

#endif
