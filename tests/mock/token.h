/* The mock's tokeniser. */
#ifndef MOCK_TOKEN_H
#define MOCK_TOKEN_H

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>

/* Bytes of a text, which is borrowed. */
struct token {
    const char *at;
    size_t len;
};

struct tokens {
    struct token *at; /* to be freed */
    size_t count;
};

/* README.md says where a token ends. `special`: the marks of ChatML are tokens. */
struct tokens tokens_of(const char *text, bool special);

/* Its number: a hash. */
long token_id(struct token token);
jv token_key(struct token token); /* the same, as a text */

/* Whether a token begins, or ends, within a character. */
bool token_begins_within(struct token token);
bool token_ends_within(struct token token);

/* Its text: of a character's parts the last has all of it, with what stands before it in the first,
 * and the others nothing. */
jv token_text(const struct tokens *tokens, size_t i);

/* Its bytes, a list of numbers. */
jv token_bytes(struct token token);

#endif
