/* What the `reply` of a prompt program gets to read. */
#ifndef SM_STAGE_REPLY_H
#define SM_STAGE_REPLY_H

#include "lib/llm/completion.h"

#include <jv.h>

/* {content, truncated, answer, objects}: the text of the reply; whether it was cut off; what of the
 * text is no thinking between tags, without white space at its ends; and the objects that stand
 * whole in the answer (if there is no answer, in the text of a reply that was not cut off), the
 * last 16. Linear in the length of the text. The caller owns the result. */
jv sm_reply_input(const struct sm_completion *completion);

#endif
