/* How sure a judge is, from the probabilities of its reply's tokens. */
#ifndef SM_JUDGE_LOGPROBS_H
#define SM_JUDGE_LOGPROBS_H

#include <jv.h>

/* The probability that the judge prefers the first reply, as shown:
 *
 *     p = sum of the alternatives that mean First / sum of those that mean First or Second
 *
 * at the token where the reply says its preference; where only one of the two is listed, the other
 * has what is missing from 1. `logprobs` (borrowed) is the member of that name of a completion's
 * choice, with alternatives
 * ({"content":[{"token","logprob","top_logprobs"}]}) or without ({"tokens","token_logprobs"}); then
 * p is the token's own probability, or what is missing from 1. `word` is what was read from the
 * reply, "First" or "Second". An alternative means a word if, after what stands before the word in
 * the token, it is the beginning of it or begins with it. NAN where that cannot be told. */
double sm_logprobs_first(jv logprobs, const char *word);

#endif
