/* What a message of an endpoint says. */
#ifndef SM_LLM_WORDING_H
#define SM_LLM_WORDING_H

#include "lib/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

#define NEAR_BYTES 80 /* between the parts of a phrase, at most */

/* `text` in small letters, with what it quotes at length blanked out: that may be the user's, and
 * says nothing of the endpoint; the value of a member ('error': '…') is the endpoint's. For the
 * caller to free. */
char *sm_own_words(const char *text);

/* The first bytes of a text, for the caller to free. */
char *sm_beginning(const char *text, size_t most);

/* Whether the text has one of the phrases, of which NULL ends a shorter list. The parts of one,
 * with
 * `*` between them, may lie NEAR_BYTES apart. */
bool sm_says_any(const char *text, const char *const *phrases, size_t count);

/* Whether a list, a word a line, has one of the words; likewise. */
bool sm_has_any_word(const struct sm_buf *list, const char *const *words, size_t count);

#endif
