/* Grammars that admit one text alone, in GBNF. */
#ifndef MOCK_GRAMMAR_H
#define MOCK_GRAMMAR_H

#include "tests/mock/token.h"

#include <jv.h>

/* A token as a text, or as bytes where it is not one by itself. */
jv grammar_piece(struct token token);

/* The pieces of what is admitted, a list: root ::= <[id]> "text" …; `known` are those of the
 * numbers, by token_key(). Invalid where it is none of that kind, or has a number that is not
 * known. */
jv grammar_read(const char *grammar, jv known);

/* The prompt with the first `count` of the pieces behind it; `tokens` become these. To be freed,
 * and their list too. */
char *grammar_write(const char *prompt, jv pieces, size_t count, struct tokens *tokens);

#endif
