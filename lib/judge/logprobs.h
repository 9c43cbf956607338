/* How sure a judge is, from the probabilities of its reply's tokens. */
#ifndef SM_JUDGE_LOGPROBS_H
#define SM_JUDGE_LOGPROBS_H

#include <jv.h>

/* The probability that the judge prefers the first reply, as shown:
 *
 *     p = sum of the alternatives that mean First / sum of those that mean First or Second
 *
 * at the token where the reply says its preference. If only one of the two is listed, the other
 * gets what is missing to 1. `logprobs` (borrowed) is the member of that name of a completion's
 * choice, with alternatives ({"content":[{"token","logprob","top_logprobs"}]}) or without
 * ({"tokens","token_logprobs"}), in which case the token's own probability counts. `word` is
 * what the reply said, "First" or "Second". An alternative means a word if, behind what precedes
 * the word in the token, one of the two begins the other. NAN if nothing can be told. */
double sm_logprobs_first(jv logprobs, const char *word);

#endif
