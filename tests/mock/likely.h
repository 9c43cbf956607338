/* The rule of how likely a token is. */
#ifndef MOCK_LIKELY_H
#define MOCK_LIKELY_H

#include "tests/mock/planted.h"
#include "tests/mock/token.h"
#include "tests/mock/turn.h"

/* log p of each of the tokens (README.md), which are tokens of the conversation `text` in their
 * order; not necessarily all. To be freed. `planted`, which may be NULL: the other
 * rule, by the traits of the last turn. */
double *likely(const struct planted *planted, const char *text, const struct style *style,
               const struct tokens *tokens);

/* Of what the mock generates by itself: always the same token. */
#define LIKELY_NEXT " The"
#define LIKELY_NEXT_LOGPROB (-0.25)

#endif
