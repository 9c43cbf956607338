#include "lib/llm/internal/untaken.h"

#include "lib/base/mem.h"
#include "lib/llm/internal/wording.h"

#include <ctype.h>

#define BESIDE_BYTES 32 /* between an ordinary word and what is said of it */
#define PHRASE_BYTES 24 /* of what is said of a parameter, at most */
#define COUNT(list) (sizeof(list) / sizeof *(list))

/* What is said of a parameter that an endpoint does not take; with these codes, whatever is said.
 */
static const char *const untaken_codes[] = {"unsupported_parameter",  "unsupported_value",
                                            "unknown_parameter",      "extra_forbidden",
                                            "unsupportedparamserror", "value_error.extra"};
static const char *const untaken[] = {
    "unsupported",    "not supported", "not support",     "n't support",   "unknown",
    "unrecognized",   "unrecognised",  "not recognized",  "unexpected",    "not permitted",
    "not allowed",    "extra inputs",  "extra fields",    "not accepted",  "not accept",
    "not available",  "unavailable",   "not implemented", "not enabled",   "no longer",
    "deprecated",     "has no",        "cannot be used",  "can't be used", "cannot find field",
    "not compatible", "incompatible",  "must be one of",  "no such",       "not take",
};

/* What is said of one that it takes, with another value. */
static const char *const bounded[] = {"too large",    "too long",  "too high",     "at most",
                                      "at least",     "maximum",   "minimum",      "exceed",
                                      "greater than", "less than", "out of range", "between",
                                      "over the",     "range",     "limit"};

/* Parameters that we can do without. `ordinary`: the name is a word of the language too. */
static const struct param {
    const char *name, *words[7];
    bool ordinary;
} params[] = {
    {"response_format",
     {"response_format", "response format", "json_schema", "json schema", "structured output",
      "guided", "response_schema"},
     false},
    {"max_tokens", {"max_tokens"}, false},
    {"temperature", {"temperature"}, true},
    {"logprobs", {"logprobs"}, false},
    {"seed", {"seed"}, true},
};

static bool is_name_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Where a sentence ends. */
static size_t sentence_len(const char *text)
{
    size_t n = 0;
    while (text[n] && !(strchr(".?!", text[n]) && (text[n + 1] == ' ' || !text[n + 1])))
        n++;
    return n;
}

/* Whether something in untaken[] is said of the `len` bytes at `at`, in the same sentence. */
static bool is_said_untaken(const char *text, const char *at, size_t len, bool ordinary)
{
    bool quoted = at > text && strchr("'\"`[", at[-1]);
    size_t reach = ordinary && !quoted ? BESIDE_BYTES : NEAR_BYTES;
    size_t far = reach + PHRASE_BYTES;
    const char *from = (size_t)(at - text) > far ? at - far : text;
    for (const char *p = from; p < at; p++) {
        if (strchr(".?!;", *p) && p[1] == ' ')
            from = p + 1;
    }
    size_t behind = sentence_len(at + len);
    char *before = sm_strndup(from, (size_t)(at - from));
    char *after = sm_beginning(at + len, behind < reach ? behind : reach + PHRASE_BYTES);
    bool said =
        sm_says_any(before, untaken, COUNT(untaken)) || sm_says_any(after, untaken, COUNT(untaken));
    free(before);
    free(after);
    return said;
}

static bool names_untaken(const char *text, const struct param *param)
{
    for (size_t k = 0; k < COUNT(param->words) && param->words[k]; k++) {
        size_t len = strlen(param->words[k]);
        for (const char *at = text; (at = strstr(at, param->words[k])); at++) {
            bool whole = (at == text || !is_name_byte(at[-1])) &&
                         (!is_name_byte(at[len]) || (at[len] == 's' && !is_name_byte(at[len + 1])));
            if (whole && is_said_untaken(text, at, len, param->ordinary))
                return true;
        }
    }
    return false;
}

const char *sm_untaken_param(const struct sm_complaint *c, const char *text)
{
    bool coded = sm_has_any_word(&c->codes, untaken_codes, COUNT(untaken_codes));
    bool said = sm_says_any(text, untaken, COUNT(untaken));
    bool bound = sm_says_any(text, bounded, COUNT(bounded));
    for (size_t i = 0; i < COUNT(params); i++) {
        bool pointed = sm_has_any_word(&c->params, params[i].words, COUNT(params[i].words)) ||
                       (i == 0 && strstr(sm_buf_text(&c->params), "\nresponse_format."));
        if (pointed && (coded || (said && !bound)))
            return params[i].name;
    }
    for (size_t i = 0; i < COUNT(params) && !bound; i++) {
        if (names_untaken(text, &params[i]))
            return params[i].name;
    }
    return NULL;
}
