/* What the ways to a likelihood share: reading their answers, and what is kept of them. */
#ifndef SM_LLM_INTERNAL_LIKELIHOOD_PARTS_H
#define SM_LLM_INTERNAL_LIKELIHOOD_PARTS_H

#include "lib/base/buf.h"
#include "lib/llm/completion.h"

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SM_TOKENS_MAX 1000000000
#define SM_NOT_TOLD "the answer does not tell the likelihood of the whole reply"

/* The length of a list; 0 if it is none. */
size_t sm_part_count(jv list);

/* A number of a list; NAN if it is none. */
double sm_part_number(jv list, size_t i);

/* A member that counts tokens; 0 if it does not. */
int64_t sm_part_tokens(jv object, const char *name);

/* The `usage` of an answer as OpenAI has it. */
void sm_part_usage(jv root, struct sm_usage *usage);

/* What is kept: begun with the first log probability, ended with the usage. False: a log
 * probability is none (not a number, above 0, infinite), and so the whole answer is none; or there
 * was none. */
bool sm_keep_logprob(struct sm_buf *kept, double logprob);
bool sm_keep_usage(struct sm_buf *kept, const struct sm_usage *usage);

/* A member of what was kept of a step, for the caller to free; invalid if there is none of that
 * kind. */
jv sm_kept_member(const char *text, size_t len, const char *name, jv_kind kind);

/* A text of which only letters, digits and punctuation of ASCII are looked at: texts of single
 * tokens lack spaces with some tokenizers, and parts of other characters have none. */
struct sm_spelling {
    const char *at, *end;
};

struct sm_spelling sm_spelling_of(const char *text);

/* The next character that is looked at; '\0' at the end. */
char sm_spelling_next(struct sm_spelling *text);

/* Goes over the text of a token. False: it is not what comes next. */
bool sm_spell(struct sm_spelling *text, const char *token);

#endif
