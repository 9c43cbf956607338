/* The judge's side of a question: how pairs and examples become messages. What the model writes
 * back is read by `reply` in lib/prompts/judge.jq. */
#ifndef SM_JUDGE_JUDGE_H
#define SM_JUDGE_JUDGE_H

#include "lib/json/record.h"
#include "lib/stage/question.h"

#include <jv.h>
#include <stdbool.h>

/* The judge's preference, as shown. */
enum sm_choice sm_outcome_choice(const struct sm_outcome *outcome);

/* The pair as the judge sees it: {context, first, second} for `question`; with the user's choice
 * and `reasoning` (may be NULL), an example for `demo`. The caller owns the result. */
jv sm_case(const struct sm_pair *pair, bool chosen_first);
jv sm_case_demo(const struct sm_pair *pair, bool chosen_first, const char *reasoning);

/* Pairs that sm-judge judges: held out for test, or without a split. */
bool sm_pair_is_judged(const struct sm_pair *pair);

/* Appends "[" and the messages before the question: the instructions with `persona` (NULL: none),
 * then the examples of the `demos` record (invalid: none). *shown is their number. False with `err`
 * if the prompt program fails. */
bool sm_judge_head(struct sm_prompts *prompts, const char *persona, jv demos, struct sm_buf *head,
                   size_t *shown, struct sm_err *err);

/* Appends all messages for `pair`: `head`, the question, "]". */
bool sm_judge_messages(struct sm_prompts *prompts, const struct sm_buf *head,
                       const struct sm_pair *pair, bool chosen_first, struct sm_buf *out,
                       struct sm_err *err);

/* Appends the body of the first request that sm_question_ask() sends for `messages` (borrowed). */
void sm_judge_request(const struct sm_asker *asker, const struct sm_buf *messages,
                      struct sm_buf *body);

#endif
