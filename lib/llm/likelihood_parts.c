#include "lib/llm/internal/likelihood_parts.h"

#include "lib/json/json.h"
#include "lib/llm/internal/likelihood_ways.h"

#include <math.h>
#include <string.h>

#define LOGPROB_NONE (-9999.0) /* vLLM's for minus infinity; llama.cpp's is far below */

size_t sm_part_count(jv list)
{
    return jv_get_kind(list) == JV_KIND_ARRAY ? (size_t)jv_array_length(jv_copy(list)) : 0;
}

double sm_part_number(jv list, size_t i)
{
    jv item = jv_array_get(jv_copy(list), (int)i);
    double number = jv_get_kind(item) == JV_KIND_NUMBER ? jv_number_value(item) : NAN;
    jv_free(item);
    return number;
}

int64_t sm_part_tokens(jv object, const char *name)
{
    int64_t count = 0;
    sm_json_integer(object, name, 0, SM_TOKENS_MAX, &count);
    return count;
}

void sm_part_usage(jv root, struct sm_usage *usage)
{
    jv object = sm_json_get(root, "usage"), in = sm_json_get(object, "prompt_tokens_details");
    *usage = (struct sm_usage){.in = sm_part_tokens(object, "prompt_tokens"),
                               .out = sm_part_tokens(object, "completion_tokens"),
                               .cached = sm_part_tokens(in, "cached_tokens")};
    usage->untold = usage->in == 0;
    jv_free(in);
    jv_free(object);
}

bool sm_keep_logprob(struct sm_buf *kept, double logprob)
{
    if (!(logprob <= 0 && logprob > LOGPROB_NONE))
        return false;
    sm_buf_printf(kept, "%s%.7g", kept->len ? "," : "{\"logprobs\":[", logprob);
    return true;
}

bool sm_keep_usage(struct sm_buf *kept, const struct sm_usage *usage)
{
    if (kept->len == 0)
        return false;
    sm_buf_printf(kept, "],\"usage\":{\"in\":%lld,\"out\":%lld,\"cached\":%lld}}",
                  (long long)usage->in, (long long)usage->out, (long long)usage->cached);
    return true;
}

struct sm_spelling sm_spelling_of(const char *text)
{
    return (struct sm_spelling){text, text + strlen(text)};
}

char sm_spelling_next(struct sm_spelling *text)
{
    while (text->at < text->end && (*text->at <= ' ' || *text->at >= 0x7f))
        text->at++;
    if (text->at == text->end)
        return '\0';
    return *text->at++;
}

bool sm_spell(struct sm_spelling *text, const char *token)
{
    struct sm_spelling part = sm_spelling_of(token);
    for (char c; (c = sm_spelling_next(&part));) {
        if (sm_spelling_next(text) != c)
            return false;
    }
    return true;
}

jv sm_kept_member(const char *text, size_t len, const char *name, jv_kind kind)
{
    jv root = jv_invalid();
    if (!sm_json_parse(text, len, &root, NULL))
        return jv_invalid();
    jv member = sm_json_get(root, name);
    jv_free(root);
    if (jv_get_kind(member) == kind)
        return member;
    jv_free(member);
    return jv_invalid();
}

bool sm_way_read(const char *text, size_t len, double *sum, size_t *tokens, struct sm_usage *usage)
{
    jv root = jv_invalid();
    if (!sm_json_parse(text, len, &root, NULL))
        return false;
    jv logprobs = sm_json_get(root, "logprobs"), told = sm_json_get(root, "usage");
    *tokens = sm_part_count(logprobs);
    *sum = 0;
    for (size_t i = 0; i < *tokens; i++)
        *sum += sm_part_number(logprobs, i);
    *usage = (struct sm_usage){.in = sm_part_tokens(told, "in"),
                               .out = sm_part_tokens(told, "out"),
                               .cached = sm_part_tokens(told, "cached")};
    usage->untold = usage->in == 0;
    jv_free(logprobs);
    jv_free(told);
    jv_free(root);
    return *tokens > 0 && !isnan(*sum);
}
