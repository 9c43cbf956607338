#include "lib/llm/internal/likelihood_ways.h"

#include "lib/base/utf8.h"
#include "lib/json/json.h"

#include <math.h>
#include <string.h>

#define NOT_TOLD "the answer does not tell the likelihood of the whole reply"
#define TOKENS_MAX 1000000000
#define LOGPROB_NONE (-9999.0) /* vLLM's for minus infinity; llama.cpp's is far below */

static size_t length_of(jv list)
{
    return jv_get_kind(list) == JV_KIND_ARRAY ? (size_t)jv_array_length(jv_copy(list)) : 0;
}

static double number_at(jv list, size_t i)
{
    jv item = jv_array_get(jv_copy(list), (int)i);
    double number = jv_get_kind(item) == JV_KIND_NUMBER ? jv_number_value(item) : NAN;
    jv_free(item);
    return number;
}

static jv first_choice(jv root)
{
    jv choices = sm_json_get(root, "choices");
    jv choice = length_of(choices) ? jv_array_get(jv_copy(choices), 0) : jv_invalid();
    jv_free(choices);
    return choice;
}

static int64_t count_of(jv object, const char *name)
{
    int64_t count = 0;
    sm_json_integer(object, name, 0, TOKENS_MAX, &count);
    return count;
}

static void read_usage(jv root, struct sm_usage *usage)
{
    jv object = sm_json_get(root, "usage"), in = sm_json_get(object, "prompt_tokens_details");
    *usage = (struct sm_usage){.in = count_of(object, "prompt_tokens"),
                               .out = count_of(object, "completion_tokens"),
                               .cached = count_of(in, "cached_tokens")};
    jv_free(in);
    jv_free(object);
}

/* What is kept: begun with the first log probability, ended with the usage. A log probability that
 * is none (not a number, above 0, infinite) makes the whole answer none. */
static bool keep_number(struct sm_buf *kept, double logprob)
{
    if (!(logprob <= 0 && logprob > LOGPROB_NONE))
        return false;
    sm_buf_printf(kept, "%s%.7g", kept->len ? "," : "{\"logprobs\":[", logprob);
    return true;
}

static bool keep_usage(struct sm_buf *kept, const struct sm_usage *usage)
{
    if (kept->len == 0)
        return false;
    sm_buf_printf(kept, "],\"usage\":{\"in\":%lld,\"out\":%lld,\"cached\":%lld}}",
                  (long long)usage->in, (long long)usage->out, (long long)usage->cached);
    return true;
}

/* A text of which only letters, digits and punctuation of ASCII are looked at: texts of single
 * tokens lack spaces with some tokenizers, and parts of other characters have none. */
struct spelling {
    const char *at, *end;
};

static struct spelling spelling_of(const char *text)
{
    return (struct spelling){text, text + strlen(text)};
}

static char next_visible(struct spelling *text)
{
    while (text->at < text->end && (*text->at <= ' ' || *text->at >= 0x7f))
        text->at++;
    return text->at < text->end ? *text->at++ : '\0';
}

static size_t count_visible(struct spelling text)
{
    size_t count = 0;
    while (next_visible(&text))
        count++;
    return count;
}

/* Goes over the text of a token. False: it is not what comes next. */
static bool spell(struct spelling *text, const char *token)
{
    struct spelling part = spelling_of(token);
    for (char c; (c = next_visible(&part));) {
        if (next_visible(text) != c)
            return false;
    }
    return true;
}

static bool spell_item(struct spelling *text, jv tokens, size_t i)
{
    jv token = jv_array_get(jv_copy(tokens), (int)i);
    bool ok = jv_get_kind(token) == JV_KIND_STRING && spell(text, jv_string_value(token));
    jv_free(token);
    return ok;
}

bool sm_way_read(const char *text, size_t len, double *sum, size_t *tokens, struct sm_usage *usage)
{
    jv root = jv_invalid();
    if (!sm_json_parse(text, len, &root, NULL))
        return false;
    jv logprobs = sm_json_get(root, "logprobs"), told = sm_json_get(root, "usage");
    *tokens = length_of(logprobs);
    *sum = 0;
    for (size_t i = 0; i < *tokens; i++)
        *sum += number_at(logprobs, i);
    *usage = (struct sm_usage){.in = count_of(told, "in"),
                               .out = count_of(told, "out"),
                               .cached = count_of(told, "cached")};
    jv_free(logprobs);
    jv_free(told);
    jv_free(root);
    return *tokens > 0 && !isnan(*sum);
}

/* --- echo --- */

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
    size_t n = length_of(echoed->offsets);
    struct spelling text = {NULL, echoed->text + strlen(given->transcript) + strlen(given->reply)};
    bool ok = n > 1 && n == length_of(echoed->logprobs) && number_at(echoed->offsets, 0) == 0;
    for (size_t i = 0; ok && i < n; i++) {
        double from = number_at(echoed->offsets, i);
        double to = i + 1 < n ? number_at(echoed->offsets, i + 1) : (double)end;
        ok = to >= from && (from >= (double)end || to <= (double)end);
        if (!ok || from >= (double)end || (from < (double)begin && to <= (double)begin))
            continue;
        if (!text.at)
            text.at = skip_characters(echoed->text, from);
        ok = spell_item(&text, echoed->texts, i) &&
             keep_number(kept, number_at(echoed->logprobs, i));
    }
    return ok && text.at && !next_visible(&text);
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
    read_usage(root, usage);
    bool ok = is_echoed(echoed.text, given) && keep_echoed(&echoed, given, kept) &&
              keep_usage(kept, usage);
    jv_free(echoed.texts);
    jv_free(echoed.offsets);
    jv_free(echoed.logprobs);
    jv_free(object);
    jv_free(choice);
    jv_free(root);
    return ok;
}

const struct sm_post sm_echo_post = {"/completions", false, accept_echo, NOT_TOLD, false};

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

/* --- chat --- */

/* Of a token of the prompt: {"ID":{"logprob":…,"decoded_token":…}}, with nothing else in it; for
 * the caller to free. Invalid: it is not that. */
static jv prompt_entry(jv list, size_t i)
{
    jv token = jv_array_get(jv_copy(list), (int)i), entry = jv_invalid();
    if (jv_get_kind(token) == JV_KIND_OBJECT && jv_object_length(jv_copy(token)) == 1)
        entry = jv_object_iter_value(token, jv_object_iter(token));
    jv_free(token);
    return entry;
}

/* The first token of the reply, counted from the end: before a reply that is there some templates
 * put what they leave to the model before one that is not, such as an empty thought. */
static size_t reply_begin(jv list, const struct sm_given *given)
{
    size_t i = length_of(list), left = count_visible(spelling_of(given->reply));
    for (; i > given->prefix_tokens; i--) {
        jv entry = prompt_entry(list, i - 1);
        const char *text = sm_json_text(entry, "decoded_token", NULL);
        size_t count = text ? count_visible(spelling_of(text)) : 0;
        jv_free(entry);
        if (count > left)
            break;
        left -= count;
    }
    return i;
}

static bool keep_prompt(jv list, const struct sm_given *given, struct sm_buf *kept)
{
    size_t n = length_of(list), i = reply_begin(list, given);
    struct spelling reply = spelling_of(given->reply);
    bool ok = given->prefix_tokens > 0 && given->prefix_tokens < n;
    for (; ok && i < n; i++) {
        jv entry = prompt_entry(list, i);
        const char *text = sm_json_text(entry, "decoded_token", NULL);
        ok =
            text && spell(&reply, text) && keep_number(kept, sm_json_number(entry, "logprob", NAN));
        jv_free(entry);
    }
    return ok && !next_visible(&reply);
}

static bool accept_chat(void *arg, const char *body, size_t len, struct sm_buf *kept,
                        struct sm_usage *usage)
{
    const struct sm_given *given = arg;
    jv root = jv_invalid();
    if (!sm_json_parse(body, len, &root, NULL))
        return false;
    jv list = sm_json_get(root, "prompt_logprobs");
    read_usage(root, usage);
    bool ok = (usage->in == 0 || usage->in == (int64_t)length_of(list)) &&
              keep_prompt(list, given, kept) && keep_usage(kept, usage);
    jv_free(list);
    jv_free(root);
    return ok;
}

const struct sm_post sm_chat_post = {"/chat/completions", false, accept_chat, NOT_TOLD, false};

void sm_chat_body(struct sm_buf *out, const char *model, const char *messages,
                  const struct sm_given *given)
{
    sm_buf_str(out, "{\"model\":");
    sm_json_cstring(out, model);
    sm_buf_printf(out, ",\"messages\":%.*s,{\"role\":\"assistant\",\"content\":",
                  (int)strlen(messages) - 1, messages);
    sm_json_cstring(out, given->reply);
    sm_buf_str(out, "}],\"max_tokens\":1,\"temperature\":0,\"prompt_logprobs\":0,"
                    "\"add_generation_prompt\":false,\"continue_final_message\":true}");
}

static bool accept_tokenize(void *arg, const char *body, size_t len, struct sm_buf *kept,
                            struct sm_usage *usage)
{
    jv root = jv_invalid();
    int64_t count;
    (void)arg;
    (void)usage;
    if (!sm_json_parse(body, len, &root, NULL))
        return false;
    bool ok = sm_json_integer(root, "count", 1, TOKENS_MAX, &count);
    if (ok)
        sm_buf_printf(kept, "{\"count\":%lld}", (long long)count);
    jv_free(root);
    return ok;
}

const struct sm_post sm_tokenize_post = {"/tokenize", true, accept_tokenize,
                                         "the answer does not count tokens", true};

void sm_tokenize_body(struct sm_buf *out, const char *model, const char *messages)
{
    sm_buf_str(out, "{\"model\":");
    sm_json_cstring(out, model);
    sm_buf_printf(out, ",\"messages\":%s,\"add_generation_prompt\":true}", messages);
}

/* --- forced --- */

/* Keeps the generated tokens until they have given the reply; the end of text may follow. A
 * character of several tokens is one entry. */
static bool keep_forced(jv list, const struct sm_given *given, struct sm_buf *kept)
{
    size_t n = length_of(list), at = 0, end = strlen(given->reply);
    bool ok = true;
    for (size_t i = 0; ok && i < n && at < end; i++) {
        jv token = jv_array_get(jv_copy(list), (int)i), bytes = sm_json_get(token, "bytes");
        size_t count = length_of(bytes);
        ok = count <= end - at && keep_number(kept, sm_json_number(token, "logprob", NAN));
        for (size_t k = 0; ok && k < count; k++)
            ok = number_at(bytes, k) == (unsigned char)given->reply[at++];
        jv_free(bytes);
        jv_free(token);
    }
    return ok && at == end;
}

static bool accept_forced(void *arg, const char *body, size_t len, struct sm_buf *kept,
                          struct sm_usage *usage)
{
    const struct sm_given *given = arg;
    jv root = jv_invalid();
    if (!sm_json_parse(body, len, &root, NULL))
        return false;
    jv list = sm_json_get(root, "completion_probabilities"), timings = sm_json_get(root, "timings");
    *usage = (struct sm_usage){.in = count_of(root, "tokens_evaluated"),
                               .out = count_of(root, "tokens_predicted"),
                               .cached = count_of(timings, "cache_n")};
    bool ok = keep_forced(list, given, kept) && keep_usage(kept, usage);
    jv_free(timings);
    jv_free(list);
    jv_free(root);
    return ok;
}

const struct sm_post sm_forced_post = {"/completion", true, accept_forced, NOT_TOLD, false};

void sm_forced_body(struct sm_buf *out, const char *prompt, const char *grammar,
                    const struct sm_given *given)
{
    sm_buf_str(out, "{\"prompt\":");
    sm_json_cstring(out, prompt);
    sm_buf_str(out, ",\"grammar\":");
    sm_json_cstring(out, grammar);
    sm_buf_printf(out, ",\"n_predict\":%zu,\"n_probs\":1,\"temperature\":0,\"cache_prompt\":true}",
                  strlen(given->reply) + 1);
}

/* Ends a run of tokens that are characters together: as text, since their numbers are refused.
 * False: it is not UTF-8. In a string of GBNF the escapes of JSON mean the same. */
static bool end_run(struct sm_buf *run, struct sm_buf *grammar)
{
    bool ok = sm_utf8_valid(sm_buf_text(run), run->len) == run->len;
    if (run->len && ok) {
        sm_buf_char(grammar, ' ');
        sm_json_string(grammar, run->data, run->len);
    }
    sm_buf_clear(run);
    return ok;
}

/* A token's piece is a string, or, where it is not UTF-8 by itself, a list of bytes. */
static bool add_token(jv token, struct sm_buf *run, struct sm_buf *grammar)
{
    jv piece = sm_json_get(token, "piece");
    int64_t id;
    bool ok = sm_json_integer(token, "id", 0, TOKENS_MAX, &id);
    bool whole = jv_get_kind(piece) == JV_KIND_STRING;
    for (size_t i = 0; ok && !whole && i < length_of(piece); i++) {
        double byte = number_at(piece, i);
        ok = byte >= 0 && byte <= 255;
        sm_buf_char(run, (char)(ok ? (unsigned char)byte : 0));
    }
    if (whole)
        ok = ok && end_run(run, grammar);
    if (whole)
        sm_buf_printf(grammar, " <[%lld]>", (long long)id);
    jv_free(piece);
    return ok;
}

/* Keeps a grammar that admits the tokens and nothing else. Their numbers, not their text: a model
 * that is given text takes other paths to it, which are less likely. */
static bool accept_pieces(void *arg, const char *body, size_t len, struct sm_buf *kept,
                          struct sm_usage *usage)
{
    jv root = jv_invalid();
    struct sm_buf grammar = {0}, run = {0};
    (void)arg;
    (void)usage;
    if (!sm_json_parse(body, len, &root, NULL))
        return false;
    jv tokens = sm_json_get(root, "tokens");
    bool ok = length_of(tokens) > 0;
    sm_buf_str(&grammar, "root ::=");
    for (size_t i = 0; ok && i < length_of(tokens); i++) {
        jv token = jv_array_get(jv_copy(tokens), (int)i);
        ok = add_token(token, &run, &grammar);
        jv_free(token);
    }
    ok = ok && end_run(&run, &grammar);
    if (ok) {
        sm_buf_str(kept, "{\"grammar\":");
        sm_json_string(kept, grammar.data, grammar.len);
        sm_buf_char(kept, '}');
    }
    sm_buf_release(&run);
    sm_buf_release(&grammar);
    jv_free(tokens);
    jv_free(root);
    return ok;
}

const struct sm_post sm_pieces_post = {"/tokenize", true, accept_pieces,
                                       "the answer does not list the reply's tokens", true};

void sm_pieces_body(struct sm_buf *out, const char *reply)
{
    sm_buf_str(out, "{\"content\":");
    sm_json_cstring(out, reply);
    sm_buf_str(out, ",\"add_special\":false,\"parse_special\":false,\"with_pieces\":true}");
}

static bool accept_template(void *arg, const char *body, size_t len, struct sm_buf *kept,
                            struct sm_usage *usage)
{
    jv root = jv_invalid();
    (void)arg;
    (void)usage;
    if (!sm_json_parse(body, len, &root, NULL))
        return false;
    const char *prompt = sm_json_text(root, "prompt", NULL);
    if (prompt) {
        sm_buf_str(kept, "{\"prompt\":");
        sm_json_cstring(kept, prompt);
        sm_buf_char(kept, '}');
    }
    jv_free(root);
    return prompt != NULL;
}

const struct sm_post sm_template_post = {"/apply-template", true, accept_template,
                                         "the answer has no prompt", true};

void sm_template_body(struct sm_buf *out, const char *messages)
{
    sm_buf_printf(out, "{\"messages\":%s}", messages);
}
