#include "lib/llm/completion.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/json/tidy.h"
#include "lib/llm/internal/event_stream.h"
#include "lib/llm/internal/message.h"

#include <string.h>

/* -1 if it is not told. */
static int64_t told(jv object, const char *name)
{
    double number = sm_json_number(object, name, -1);
    return number >= 0 && number < 1e15 ? (int64_t)number : -1;
}

static int64_t told_as(jv usage, const char *name, const char *other)
{
    int64_t number = told(usage, name);
    return number >= 0 ? number : told(usage, other);
}

static int64_t told_in(jv usage, const char *details, const char *name, int64_t most)
{
    jv object = sm_json_get(usage, details);
    int64_t number = told(object, name);
    jv_free(object);
    return number < 0 ? 0 : number < most ? number : most;
}

/* A prompt has tokens: none, or half of the counts, tells nothing. Thoughts that some count in the
 * total alone are paid for as the reply is. */
static void read_usage(jv root, struct sm_completion *c)
{
    jv usage = sm_json_get(root, "usage");
    int64_t in = told_as(usage, "prompt_tokens", "input_tokens");
    int64_t out = told_as(usage, "completion_tokens", "output_tokens");
    int64_t all = told(usage, "total_tokens");
    if (in < 0 && out >= 0)
        in = all - out;
    if (in >= 0 && all > in && all - in > out)
        out = all - in;
    c->usage = (struct sm_usage){0};
    if (in > 0 && out >= 0)
        c->usage = (struct sm_usage){
            .in = in,
            .out = out,
            .cached = told_in(usage, "prompt_tokens_details", "cached_tokens", in),
            .reasoning = told_in(usage, "completion_tokens_details", "reasoning_tokens", out)};
    else
        c->usage.untold = !c->refused;
    jv_free(usage);
}

/* --- The body --- */

static const char *line_end(const char *p, const char *end)
{
    while (p < end && *p != '\n' && *p != '\r')
        p++;
    return p;
}

/* Steps over what may stand around a body: white space, a byte order mark, the comments and the
 * mark of the end of an event stream. */
static const char *skip_wrapping(const char *p, const char *end)
{
    static const char mark[] = "\xef\xbb\xbf", done[] = "data: [DONE]";
    while (p < end) {
        size_t left = (size_t)(end - p);
        if (left >= sizeof mark - 1 && memcmp(p, mark, sizeof mark - 1) == 0)
            p += sizeof mark - 1;
        else if (left >= sizeof done - 1 && memcmp(p, done, sizeof done - 1) == 0)
            p += sizeof done - 1;
        else if (*p == ':')
            p = line_end(p, end);
        else if (strchr(" \t\r\n", *p) && *p)
            p++;
        else
            break;
    }
    return p;
}

/* Appends the body's object, or what its chunks make up. */
static bool unwrap(const char *body, size_t len, struct sm_buf *line)
{
    const char *end = body + len, *p = skip_wrapping(body, end);
    size_t before = line->len;
    size_t used = p < end && *p == '{' ? sm_json_tidy(p, (size_t)(end - p), line) : 0;
    if (used && skip_wrapping(p + used, end) == end)
        return true;
    if (used)
        line->data[line->len = before] = '\0';
    return sm_event_stream_join(p, (size_t)(end - p), line);
}

/* --- How it ended --- */

/* Whether a finish_reason, in any spelling of capitals, underscores and prefix ("SAFETY",
 * "FinishReason.MAX_TOKENS"), ends in one of `words`, which are of small letters alone. */
static bool ends_in(const char *finish, const char *const *words)
{
    char letters[64];
    size_t len = 0;
    for (; finish && *finish && len < sizeof letters; finish++) {
        char lower = (char)(*finish | 0x20);
        if (lower >= 'a' && lower <= 'z')
            letters[len++] = lower;
    }
    for (; *words; words++) {
        size_t n = strlen(*words);
        if (len >= n && memcmp(letters + len - n, *words, n) == 0)
            return true;
    }
    return false;
}

static bool is_cut(const char *finish)
{
    static const char *const words[] = {"length",         "maxtokens", "maxoutputtokens",
                                        "windowexceeded", "limit",     NULL};
    return ends_in(finish, words);
}

static bool is_refusal(const char *finish)
{
    static const char *const words[] = {"contentfilter",
                                        "contentfiltered",
                                        "filter",
                                        "safety",
                                        "prohibitedcontent",
                                        "recitation",
                                        "blocklist",
                                        "blocked",
                                        "spii",
                                        "refusal",
                                        "refused",
                                        "flagged",
                                        "moderation",
                                        "sensitive",
                                        "guardrailintervened",
                                        "toxic",
                                        NULL};
    return ends_in(finish, words);
}

static bool is_failure(const char *finish)
{
    static const char *const words[] = {"error", "insufficientsystemresource", NULL};
    return ends_in(finish, words);
}

/* A prompt that was blocked has no choice: Gemini's promptFeedback says why. Borrowed from
 * `root`; NULL if it was not. */
static const char *block_reason(jv root)
{
    static const char *const names[][2] = {{"promptFeedback", "blockReason"},
                                           {"prompt_feedback", "block_reason"}};
    const char *reason = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && !reason; i++) {
        jv feedback = sm_json_get(root, names[i][0]);
        reason = sm_json_text(feedback, names[i][1], NULL);
        jv_free(feedback);
    }
    return reason;
}

/* --- The text --- */

static bool is_blank(const struct sm_buf *text)
{
    return !text->len || strspn(text->data, " \t\r\n") == text->len;
}

/* What was thought, for a message without content: some servers take all for thinking, or send the
 * JSON that was asked for as the call of a tool. */
static void add_thought(jv message, struct sm_buf *thought)
{
    if (is_blank(thought))
        sm_message_text(message, "reasoning_content", thought);
    if (is_blank(thought))
        sm_message_text(message, "reasoning", thought);
    jv calls = sm_json_get(message, "tool_calls");
    if (is_blank(thought) && jv_get_kind(calls) == JV_KIND_ARRAY &&
        jv_array_length(jv_copy(calls)) > 0) {
        jv call = jv_array_get(jv_copy(calls), 0), function = sm_json_get(call, "function");
        sm_message_text(function, "arguments", thought);
        jv_free(function);
        jv_free(call);
    }
    jv_free(calls);
}

/* Sets the content and, where it is told, why it was refused. */
static void read_texts(jv choice, jv message, struct sm_completion *c)
{
    struct sm_buf answer = {0}, thought = {0}, refusal = {0};
    jv content = sm_json_get(message, "content");
    sm_message_content(content, &answer, &thought, &refusal);
    if (!jv_is_valid(content))
        sm_message_text(choice, "text", &answer);
    if (is_blank(&answer))
        add_thought(message, &thought);
    sm_message_text(message, "refusal", &refusal);
    c->refused = refusal.len > 0;
    c->why = c->refused ? sm_json_text(message, "refusal", NULL) : NULL;
    struct sm_buf *chosen = is_blank(&answer) ? &thought : &answer;
    if (c->refused && is_blank(chosen))
        chosen = &refusal;
    c->content_len = chosen->len;
    c->text = sm_buf_take(chosen);
    c->content = c->text;
    sm_buf_release(&answer);
    sm_buf_release(&thought);
    sm_buf_release(&refusal);
    jv_free(content);
}

static jv message_of(jv choice)
{
    jv message = sm_json_get(choice, "message");
    if (jv_get_kind(message) == JV_KIND_OBJECT)
        return message;
    jv_free(message);
    return sm_json_get(choice, "delta");
}

static bool is_error(jv root)
{
    jv error = sm_json_get(root, "error");
    bool is = !sm_message_is_empty(error);
    jv_free(error);
    return is;
}

/* False if there is no choice, or it failed. */
static bool read_choice(struct sm_completion *c)
{
    jv choice = sm_message_choice(c->root), message = message_of(choice);
    const char *finish = sm_json_text(choice, "finish_reason", NULL);
    const char *native = sm_json_text(choice, "native_finish_reason", NULL);
    const char *blocked = block_reason(c->root);
    read_texts(choice, message, c);
    bool silent = strspn(c->content, " \t\r\n") == c->content_len;
    if (!is_refusal(finish) && silent && is_refusal(native))
        finish = native;
    bool is_message = jv_get_kind(message) == JV_KIND_OBJECT || !silent;
    c->truncated = is_cut(finish);
    c->refused |= is_refusal(finish) || (blocked && !is_message);
    if (c->refused && !c->why)
        c->why = is_refusal(finish) ? finish : blocked;
    jv_free(message);
    jv_free(choice);
    return (is_message || c->refused) && !is_failure(finish);
}

bool sm_completion_parse(const char *body, size_t len, struct sm_buf *line,
                         struct sm_completion *completion)
{
    size_t before = line->len;
    *completion = (struct sm_completion){.root = jv_invalid(), .content = ""};
    if (!sm_json_fits(body, len, SM_COMPLETION_VALUES_MAX) || !unwrap(body, len, line) ||
        !sm_json_parse(line->data + before, line->len - before, &completion->root, NULL))
        return false;
    bool ok = !is_error(completion->root) && read_choice(completion);
    completion->model = sm_json_text(completion->root, "model", NULL);
    read_usage(completion->root, completion);
    if (!ok)
        sm_completion_release(completion);
    return ok;
}

void sm_completion_refusal(struct sm_buf *out, const char *model, const char *why)
{
    sm_buf_str(out, "{\"object\":\"chat.completion\",\"model\":");
    sm_json_cstring(out, model);
    sm_buf_str(out,
               ",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":null,"
               "\"refusal\":");
    sm_json_cstring(out, why);
    sm_buf_str(out, "},\"finish_reason\":\"content_filter\"}]}");
}

jv sm_completion_logprobs(const struct sm_completion *completion)
{
    jv choice = sm_message_choice(completion->root);
    jv logprobs = sm_json_get(choice, "logprobs");
    jv_free(choice);
    return logprobs;
}

void sm_completion_release(struct sm_completion *completion)
{
    jv_free(completion->root);
    free(completion->text);
    *completion = (struct sm_completion){.root = jv_invalid(), .content = ""};
}
