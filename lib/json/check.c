#include "lib/json/internal/check.h"

#include "lib/json/internal/skip.h"
#include "lib/json/internal/token.h"
#include "lib/json/json.h"

#define DEPTH_MAX 256 /* libjq 1.6's limit, which counts an object with members as two levels */
#define SHOWN_MAX 20

bool sm_json_fits(const char *text, size_t len, size_t most)
{
    const char *end = text + len;
    size_t values = 1;
    while (text < end && values <= most) {
        if (*text == '"') {
            text = sm_skip_string(text, end);
            continue;
        }
        values += *text == ',' || *text == ':' || *text == '[' || *text == '{';
        text++;
    }
    return values <= most;
}

bool sm_check_size(const char *text, const char *end, struct sm_err *err)
{
    return sm_json_fits(text, (size_t)(end - text), SM_JSON_VALUES_MAX) ||
           sm_err_set(err, SM_EXIT_INPUT, "leave out what is not needed of it, or split it",
                      "more than %d JSON values in one text", SM_JSON_VALUES_MAX);
}

static bool is_in_word(char c)
{
    return sm_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
           c == '-' || c == '.';
}

static bool is_word(const char *p, size_t len, const char *word)
{
    return len == strlen(word) && memcmp(p, word, len) == 0;
}

/* A word or number, of which libjq takes some that are no JSON: nan, Infinity, 01, .5, +1. */
static bool check_word(const char *p, const char *end, struct sm_err *err)
{
    size_t len = (size_t)(end - p);
    if (sm_number_end(p, end) == end || is_word(p, len, "true") || is_word(p, len, "false") ||
        is_word(p, len, "null"))
        return true;
    if (*p == 'n' || *p == 'N')
        return sm_err_set(err, SM_EXIT_INPUT, "write null for a number that is missing",
                          "not valid JSON: a literal nan");
    return sm_err_set(err, SM_EXIT_INPUT, "write numbers as 1, 0.5 or 2e6, and null for none",
                      "not valid JSON: %.*s is no number", (int)(len < SHOWN_MAX ? len : SHOWN_MAX),
                      p);
}

bool sm_check_parsed(const char *p, const char *end, struct sm_err *err)
{
    int room = DEPTH_MAX;
    while (p < end) {
        const char *from = p;
        while (p < end && is_in_word(*p))
            p++;
        if (p > from) {
            if (!check_word(from, p, err))
                return false;
            continue;
        }
        if (*p == '"') {
            p = sm_skip_string(p, end);
            continue;
        }
        if ((*p == '[' || *p == '{') && room <= 0)
            return sm_err_set(err, SM_EXIT_INPUT, "write one JSON value a line, as jq -c does",
                              "not valid JSON: Exceeds depth limit for parsing");
        if (*p == '[' || *p == ']')
            room += *p == '[' ? -1 : 1;
        else if (*p == '{' || *p == '}')
            room += *p == '{' ? -2 : 2;
        p++;
    }
    return true;
}
