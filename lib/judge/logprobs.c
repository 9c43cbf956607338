#include "lib/judge/logprobs.h"

#include "lib/base/buf.h"
#include "lib/json/json.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#define LABEL "preference" /* the field that holds the word */

/* The last occurrence of `word` in `text`, from offset `from` on, whatever the case; or NULL. */
static const char *last_place(const char *text, size_t from, const char *word)
{
    size_t len = strlen(word), room = strlen(text);
    for (size_t i = room < len ? from : room - len + 1; i-- > from;) {
        if (strncasecmp(text + i, word, len) == 0)
            return text + i;
    }
    return NULL;
}

/* Where the reply says its preference: the last such word, behind the field's name if there is
 * any. */
static const char *find_word(const char *text, const char *word)
{
    const char *label = last_place(text, 0, LABEL);
    size_t from = label ? (size_t)(label - text) + strlen(LABEL) : 0;
    return last_place(text, from, word);
}

static jv token_list(jv logprobs)
{
    jv content = sm_json_get(logprobs, "content");
    if (jv_get_kind(content) == JV_KIND_ARRAY)
        return content;
    jv_free(content);
    return sm_json_get(logprobs, "tokens");
}

/* The text of the i-th token, borrowed from *item, which the caller frees. */
static const char *token_at(jv list, int i, jv *item)
{
    *item = jv_array_get(jv_copy(list), i);
    if (jv_get_kind(*item) == JV_KIND_STRING)
        return jv_string_value(*item);
    const char *text = sm_json_text(*item, "token", NULL);
    return text ? text : "";
}

static double probability(double logprob)
{
    return isfinite(logprob) ? exp(fmin(logprob, 0)) : 0;
}

/* Whether one of the two begins the other, whatever the case. */
static bool agrees(const char *text, const char *word)
{
    size_t a = strlen(text), b = strlen(word);
    return a > 0 && strncasecmp(text, word, a < b ? a : b) == 0;
}

/* What is left of a token behind `lead`, if that begins it, and behind white space and quotes. */
static const char *strip(const char *token, const char *lead, size_t lead_len)
{
    if (strncmp(token, lead, lead_len) == 0)
        token += lead_len;
    return token + strspn(token, " \t\r\n\"'`*");
}

struct mass {
    double first, second;
};

static void add_mass(struct mass *mass, const char *rest, double p)
{
    bool first = agrees(rest, "First"), second = agrees(rest, "Second");
    mass->first += first ? p : 0;
    mass->second += second ? p : 0;
}

/* Adds up the alternatives of a token, and the token itself if it is not among them. */
static struct mass weigh(jv item, const char *token, size_t lead_len)
{
    struct mass mass = {0};
    jv list = sm_json_get(item, "top_logprobs");
    int n = jv_get_kind(list) == JV_KIND_ARRAY ? jv_array_length(jv_copy(list)) : 0;
    bool listed = false;
    for (int i = 0; i < n; i++) {
        jv other = jv_array_get(jv_copy(list), i);
        const char *text = sm_json_text(other, "token", NULL);
        bool again = text && listed && strcmp(text, token) == 0;
        if (text && !again)
            add_mass(&mass, strip(text, token, lead_len),
                     probability(sm_json_number(other, "logprob", -INFINITY)));
        listed |= text && strcmp(text, token) == 0;
        jv_free(other);
    }
    if (!listed)
        add_mass(&mass, token + lead_len, probability(sm_json_number(item, "logprob", -INFINITY)));
    jv_free(list);
    return mass;
}

/* Together's form lists no alternatives. */
static double number_at(jv logprobs, int i)
{
    jv list = sm_json_get(logprobs, "token_logprobs");
    double number = NAN;
    if (jv_get_kind(list) == JV_KIND_ARRAY && i < jv_array_length(jv_copy(list))) {
        jv item = jv_array_get(jv_copy(list), i);
        if (jv_get_kind(item) == JV_KIND_NUMBER)
            number = jv_number_value(item);
        jv_free(item);
    }
    jv_free(list);
    return number;
}

static double weigh_token(jv logprobs, int i, jv item, const char *token, size_t lead_len,
                          const char *word)
{
    bool alone = jv_get_kind(item) == JV_KIND_STRING;
    double own = alone ? number_at(logprobs, i) : sm_json_number(item, "logprob", NAN);
    if (isnan(own))
        return NAN;
    struct mass mass = alone ? (struct mass){0} : weigh(item, token, lead_len);
    if (mass.first > 0 && mass.second > 0)
        return mass.first / (mass.first + mass.second);
    double p = probability(own);
    return strcmp(word, "First") == 0 ? p : 1 - p;
}

double sm_logprobs_first(jv logprobs, const char *word)
{
    if (jv_get_kind(logprobs) != JV_KIND_OBJECT)
        return NAN;
    jv list = token_list(logprobs), item;
    int n = jv_get_kind(list) == JV_KIND_ARRAY ? jv_array_length(jv_copy(list)) : 0;
    struct sm_buf text = {0};
    for (int i = 0; i < n; i++) {
        sm_buf_str(&text, token_at(list, i, &item));
        jv_free(item);
    }
    const char *place = text.len ? find_word(text.data, word) : NULL;
    size_t left = place ? (size_t)(place - text.data) : 0;
    double p = NAN;
    for (int i = 0; place && i < n; i++) {
        const char *token = token_at(list, i, &item);
        size_t len = strlen(token);
        bool here = left < len;
        if (here)
            p = weigh_token(logprobs, i, item, token, left, word);
        jv_free(item);
        if (here)
            break;
        left -= len;
    }
    sm_buf_release(&text);
    jv_free(list);
    return p;
}
