/* What the members of a completion's message say, in the forms that servers give them. */
#ifndef SM_LLM_INTERNAL_MESSAGE_H
#define SM_LLM_INTERNAL_MESSAGE_H

#include "lib/base/buf.h"

#include <jv.h>
#include <stdbool.h>

/* Appends a `content`, which is a text, a list of parts, or what the model's JSON was parsed to:
 * what is meant for the reader to `answer`, parts of thinking to `thought`, and a part that
 * declines to `refusal`. */
void sm_message_content(jv content, struct sm_buf *answer, struct sm_buf *thought,
                        struct sm_buf *refusal);

/* Appends the member `name` of a message or delta if it is a text. */
void sm_message_text(jv message, const char *name, struct sm_buf *out);

/* Whether an `error` says nothing: it is missing, null, false, 0, "", or holds nothing else. */
bool sm_message_is_empty(jv error);

/* A choice, for the caller to free: the first that is not said to be another than the first. An
 * invalid jv without one. */
jv sm_message_choice(jv root);

#endif
