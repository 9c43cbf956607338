#include "tests/mock/embed.h"

#include "tests/mock/die.h"
#include "tests/mock/json.h"
#include "tests/mock/token.h"

#include <stdlib.h>
#include <string.h>

#define NUMBERS 64 /* of a vector */

static const char *const shapes[] = {"bag",     "single", "swapped", "base64", "short",  "twice",
                                     "noindex", "nan",    "null",    "huge",   "ragged", "empty"};

static bool is(const char *shape, const char *name)
{
    return strcmp(shape, name) == 0;
}

void embed_check(const char *shape)
{
    bool known = !shape;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        known = known || is(shape, shapes[i]);
    if (!known)
        die("unknown embeddings %s", shape);
}

/* Each token counts where its number says. The first number is 1, so that no vector is zero. */
static jv vector(const char *text, size_t numbers)
{
    double counts[NUMBERS] = {1};
    jv list = jv_array();
    struct tokens tokens = tokens_of(text, false);
    for (size_t i = 0; i < tokens.count; i++)
        counts[1 + (size_t)token_id(tokens.at[i]) % (NUMBERS - 1)]++;
    for (size_t i = 0; i < numbers; i++)
        list = jv_array_append(list, jv_number(counts[i]));
    free(tokens.at);
    return list;
}

static jv embedding(const char *shape, const char *text, size_t number)
{
    jv list = vector(text, is(shape, "ragged") && number % 2 ? NUMBERS - 1 : NUMBERS);
    jv wrong = is(shape, "base64")  ? jv_string("AACAPwAAAAA=")
               : is(shape, "empty") ? jv_array()
                                    : jv_invalid();
    if (jv_is_valid(wrong)) {
        jv_free(list);
        return wrong;
    }
    if (is(shape, "null"))
        return jv_array_set(list, 3, jv_null());
    if (is(shape, "huge"))
        return jv_array_set(list, 3, jv_number(1e300));
    return is(shape, "nan") ? jv_array_set(list, 3, jv_string("NaN-here")) : list;
}

/* The members are in the order of the texts, but for `swapped`. */
static jv items(const char *shape, jv input)
{
    int n = jv_array_length(jv_copy(input));
    int most = is(shape, "single") && n > 1 ? 1 : is(shape, "short") ? n - 1 : n;
    jv list = jv_array();
    for (int i = 0; i < most; i++) {
        int at = is(shape, "swapped") ? n - 1 - i : i;
        jv text = jv_array_get(jv_copy(input), at);
        jv item = JV_OBJECT(jv_string("object"), jv_string("embedding"), jv_string("embedding"),
                            embedding(shape, jv_string_value(text), (size_t)at));
        if (!is(shape, "noindex"))
            item =
                jv_object_set(item, jv_string("index"), jv_number(is(shape, "twice") ? n - 1 : at));
        list = jv_array_append(list, item);
        jv_free(text);
    }
    return list;
}

/* What is no JSON, as some servers write it. */
static jv with_nan(jv body)
{
    jv text = jv_dump_string(body, 0);
    const char *all = jv_string_value(text), *mark = "\"NaN-here\"";
    jv out = jv_string("");
    for (const char *at; (at = strstr(all, mark)); all = at + strlen(mark))
        out = jv_string_append_str(jv_string_append_buf(out, all, (int)(at - all)), "NaN");
    out = jv_string_append_str(out, all);
    jv_free(text);
    return out;
}

bool embed_answers(const char *shape, const struct call *call, struct reply *reply)
{
    if (strcmp(call->path, "/v1/embeddings") != 0)
        return false;
    jv input = member_or(call->body, "input", jv_null());
    size_t bytes = call->len / 4;
    if (!shape) {
        *reply = reply_error(404, "Not Found");
    } else if (jv_get_kind(input) != JV_KIND_ARRAY || jv_array_length(jv_copy(input)) == 0) {
        *reply = reply_error(400, "mock: only lists of texts");
    } else {
        jv usage = JV_OBJECT(jv_string("prompt_tokens"), jv_number((double)bytes),
                             jv_string("total_tokens"), jv_number((double)bytes));
        jv body = JV_OBJECT(jv_string("object"), jv_string("list"), jv_string("data"),
                            items(shape, input), jv_string("model"),
                            member_or(call->body, "model", jv_null()), jv_string("usage"), usage);
        *reply = reply_json(200, is(shape, "nan") ? with_nan(body) : body);
    }
    jv_free(input);
    return true;
}
