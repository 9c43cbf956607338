/* echo: POST /completions whose answer repeats the prompt, token by token. */
#include "lib/llm/internal/likelihood_parts.h"
#include "lib/llm/internal/likelihood_ways.h"

#include "lib/base/utf8.h"
#include "lib/json/json.h"

#include <string.h>

static jv first_choice(jv root)
{
    jv choices = sm_json_get(root, "choices");
    jv choice = sm_part_count(choices) ? jv_array_get(jv_copy(choices), 0) : jv_invalid();
    jv_free(choices);
    return choice;
}

static bool spell_item(struct sm_spelling *text, jv tokens, size_t i)
{
    jv token = jv_array_get(jv_copy(tokens), (int)i);
    bool ok = jv_get_kind(token) == JV_KIND_STRING && sm_spell(text, jv_string_value(token));
    jv_free(token);
    return ok;
}

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += sm_utf8_is_start(*text);
    return count;
}

/* What an echo says of its tokens. */
struct echoed {
    jv logprobs, offsets, texts;
    const char *text; /* with the prompt, which is the transcript and the reply */
};

static const char *skip_characters(const char *text, double count)
{
    for (; *text && (count > 0 || !sm_utf8_is_start(*text)); text++)
        count -= sm_utf8_is_start(*text);
    return text;
}

/* Keeps the tokens of the reply, by their offsets in characters. The token that holds the border,
 * if there is one, counts: it does so on every side that is compared. The first tokens of a
 * character of several have no width. False unless the offsets are those of an echo: they begin at
 * 0, never go back, reach the reply, and what they point at is what the tokens say. */
static bool keep_echoed(const struct echoed *echoed, const struct sm_given *given,
                        struct sm_buf *kept)
{
    size_t begin = characters(given->transcript), end = begin + characters(given->reply);
    size_t n = sm_part_count(echoed->offsets);
    struct sm_spelling text = {NULL,
                               echoed->text + strlen(given->transcript) + strlen(given->reply)};
    bool ok =
        n > 1 && n == sm_part_count(echoed->logprobs) && sm_part_number(echoed->offsets, 0) == 0;
    for (size_t i = 0; ok && i < n; i++) {
        double from = sm_part_number(echoed->offsets, i);
        double to = i + 1 < n ? sm_part_number(echoed->offsets, i + 1) : (double)end;
        ok = to >= from && (from >= (double)end || to <= (double)end);
        if (!ok || from >= (double)end || (from < (double)begin && to <= (double)begin))
            continue;
        if (!text.at)
            text.at = skip_characters(echoed->text, from);
        ok = spell_item(&text, echoed->texts, i) &&
             sm_keep_logprob(kept, sm_part_number(echoed->logprobs, i));
    }
    return ok && text.at && !sm_spelling_next(&text);
}

static bool is_echoed(const char *text, const struct sm_given *given)
{
    size_t before = strlen(given->transcript), reply = strlen(given->reply);
    return text && strncmp(text, given->transcript, before) == 0 &&
           strncmp(text + before, given->reply, reply) == 0;
}

static bool accept_echo(void *arg, const char *body, size_t len, struct sm_buf *kept,
                        struct sm_usage *usage)
{
    const struct sm_given *given = arg;
    jv root = jv_invalid();
    if (!sm_json_parse(body, len, &root, NULL))
        return false;
    jv choice = first_choice(root), object = sm_json_get(choice, "logprobs");
    struct echoed echoed = {sm_json_get(object, "token_logprobs"),
                            sm_json_get(object, "text_offset"), sm_json_get(object, "tokens"),
                            sm_json_text(choice, "text", NULL)};
    sm_part_usage(root, usage);
    bool ok = is_echoed(echoed.text, given) && keep_echoed(&echoed, given, kept) &&
              sm_keep_usage(kept, usage);
    jv_free(echoed.texts);
    jv_free(echoed.offsets);
    jv_free(echoed.logprobs);
    jv_free(object);
    jv_free(choice);
    jv_free(root);
    return ok;
}

const struct sm_post sm_echo_post = {"/completions", false, accept_echo, SM_NOT_TOLD, false, NULL};

void sm_echo_body(struct sm_buf *out, const char *model, const struct sm_given *given)
{
    struct sm_buf prompt = {0};
    sm_buf_printf(&prompt, "%s%s", given->transcript, given->reply);
    sm_buf_str(out, "{\"model\":");
    sm_json_cstring(out, model);
    sm_buf_str(out, ",\"prompt\":");
    sm_json_string(out, prompt.data, prompt.len);
    sm_buf_str(out, ",\"max_tokens\":1,\"temperature\":0,\"logprobs\":1,\"echo\":true}");
    sm_buf_release(&prompt);
}
