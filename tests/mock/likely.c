#include "tests/mock/likely.h"

#include "tests/mock/die.h"
#include "tests/mock/json.h"

#include <stdlib.h>
#include <string.h>

enum { IN_REPLY = 1, IN_SYSTEM = 2 };

/* Adds the tokens of a turn to those that were met: an object of flags by token. */
static jv meet(jv met, const struct turn *turn)
{
    int flag = turn->role == ROLE_ASSISTANT ? IN_REPLY : turn->role == ROLE_SYSTEM ? IN_SYSTEM : 0;
    char *content = strndup(turn->begin, (size_t)(turn->end - turn->begin));
    if (!content)
        die("out of memory");
    struct tokens tokens = tokens_of(content, false);
    for (size_t i = 0; i < tokens.count; i++) {
        jv key = token_key(tokens.at[i]);
        int flags = (int)number_or(met, jv_string_value(key), 0) | flag;
        met = jv_object_set(met, key, jv_number(flags));
    }
    free(tokens.at);
    free(content);
    return met;
}

static double logprob(jv met, struct token token)
{
    jv key = token_key(token);
    int flags = (int)number_or(met, jv_string_value(key), 0);
    jv_free(key);
    return -2 + (flags & IN_REPLY ? 1 : 0) + (flags & IN_SYSTEM ? 0.5 : 0);
}

double *likely(const struct planted *planted, const char *text, const struct style *style,
               const struct tokens *tokens)
{
    struct turns turns = turns_of(text, style);
    double *logprobs = calloc(tokens->count + 1, sizeof *logprobs);
    jv met = jv_object();
    size_t over = 0; /* turns that have ended */
    if (!logprobs)
        die("out of memory");
    for (size_t i = 0; i < tokens->count; i++) {
        while (!planted && over < turns.count && turns.at[over].end <= tokens->at[i].at)
            met = meet(met, &turns.at[over++]);
        logprobs[i] = logprob(met, tokens->at[i]);
    }
    if (planted && turns.count && tokens->count)
        logprobs[tokens->count - 1] -= planted_unlikely(planted, &turns);
    jv_free(met);
    free(turns.at);
    return logprobs;
}
