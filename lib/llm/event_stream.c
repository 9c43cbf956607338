#include "lib/llm/internal/event_stream.h"

#include "lib/json/json.h"
#include "lib/json/tidy.h"
#include "lib/llm/internal/message.h"

#include <string.h>

#define END_MARK "[DONE]"

/* What the chunks so far make up. */
struct joined {
    jv first;  /* chunk with a choice: what else it holds is the completion's */
    jv usage;  /* of the last chunk that has any */
    jv tokens; /* of `logprobs`; invalid: none */
    jv finish; /* finish_reason; invalid: none yet */
    jv failed; /* a chunk with an error; invalid: none */
    struct sm_buf answer, thought, refusal;
    bool ended;
};

/* Replaces *kept by the member if that says anything. */
static void keep(jv *kept, jv object, const char *name)
{
    jv member = sm_json_get(object, name);
    if (sm_message_is_empty(member)) {
        jv_free(member);
        return;
    }
    jv_free(*kept);
    *kept = member;
}

static void add_tokens(struct joined *j, jv choice)
{
    jv logprobs = sm_json_get(choice, "logprobs"), tokens = sm_json_get(logprobs, "content");
    if (jv_get_kind(tokens) == JV_KIND_ARRAY)
        j->tokens =
            jv_is_valid(j->tokens) ? jv_array_concat(j->tokens, jv_copy(tokens)) : jv_copy(tokens);
    jv_free(tokens);
    jv_free(logprobs);
}

static void add_choice(struct joined *j, jv choice)
{
    jv whole = sm_json_get(choice, "message");
    bool is_whole = jv_get_kind(whole) == JV_KIND_OBJECT;
    jv delta = is_whole ? jv_copy(whole) : sm_json_get(choice, "delta");
    jv content = sm_json_get(delta, "content");
    if (is_whole) { /* it repeats what came before it */
        sm_buf_clear(&j->answer);
        sm_buf_clear(&j->thought);
        sm_buf_clear(&j->refusal);
    }
    sm_message_content(content, &j->answer, &j->thought, &j->refusal);
    sm_message_text(choice, "text", &j->answer);
    sm_message_text(
        delta, sm_json_text(delta, "reasoning_content", NULL) ? "reasoning_content" : "reasoning",
        &j->thought);
    sm_message_text(delta, "refusal", &j->refusal);
    keep(&j->finish, choice, "finish_reason");
    add_tokens(j, choice);
    jv_free(content);
    jv_free(delta);
    jv_free(whole);
}

static void add_chunk(struct joined *j, jv chunk)
{
    jv choice = sm_message_choice(chunk), error = sm_json_get(chunk, "error");
    if (!sm_message_is_empty(error) && !jv_is_valid(j->failed))
        j->failed = jv_copy(chunk);
    if (jv_get_kind(choice) == JV_KIND_OBJECT) {
        if (!jv_is_valid(j->first))
            j->first = jv_copy(chunk);
        add_choice(j, choice);
    }
    keep(&j->usage, chunk, "usage");
    jv_free(error);
    jv_free(choice);
}

/* An event's data: a chunk, or several where no empty line parts them. */
static void take_data(struct joined *j, const char *p, size_t len, struct sm_buf *spare)
{
    for (const char *end = p + len; p < end;) {
        size_t left = (size_t)(end - p), used = strspn(p, " \t\r\n"), mark = strlen(END_MARK);
        bool ends = left >= mark && memcmp(p, END_MARK, mark) == 0;
        j->ended |= ends;
        jv chunk;
        sm_buf_clear(spare);
        if (ends)
            used = mark;
        else if (used == 0 && (used = sm_json_tidy(p, left, spare)) > 0 &&
                 sm_json_parse(spare->data, spare->len, &chunk, NULL)) {
            add_chunk(j, chunk);
            jv_free(chunk);
        }
        if (used == 0)
            return;
        p += used;
    }
}

/* The data of a line: behind "data:", or all of a line that is an object. NULL: it has none. */
static const char *data_of(const char *line, size_t len)
{
    static const char field[] = "data:";
    size_t name = sizeof field - 1;
    if (len > 0 && *line == '{')
        return line;
    return len >= name && memcmp(line, field, name) == 0 ? line + name : NULL;
}

static void take_lines(struct joined *j, const char *p, const char *end)
{
    struct sm_buf data = {0}, spare = {0};
    while (p < end) {
        size_t len = 0;
        while (p + len < end && p[len] != '\n' && p[len] != '\r')
            len++;
        const char *text = data_of(p, len);
        if (text) {
            sm_buf_add(&data, text, (size_t)(p + len - text));
            sm_buf_char(&data, '\n');
        } else if (len == 0) {
            take_data(j, sm_buf_text(&data), data.len, &spare);
            sm_buf_clear(&data);
        }
        bool pair = p + len + 1 < end && p[len] == '\r' && p[len + 1] == '\n';
        p += len + (p + len < end ? 1 : 0) + pair;
    }
    take_data(j, sm_buf_text(&data), data.len, &spare);
    sm_buf_release(&data);
    sm_buf_release(&spare);
}

/* A text as a member's value; null if there is none. */
static jv text_or_null(const struct sm_buf *text)
{
    return text->len ? jv_string_sized(text->data, (int)text->len) : jv_null();
}

/* The completion. Takes j->first and its like with it. */
static jv whole(struct joined *j)
{
    jv message = jv_object_set(jv_object(), jv_string("role"), jv_string("assistant"));
    message = jv_object_set(message, jv_string("content"), text_or_null(&j->answer));
    if (j->thought.len)
        message = jv_object_set(message, jv_string("reasoning_content"), text_or_null(&j->thought));
    if (j->refusal.len)
        message = jv_object_set(message, jv_string("refusal"), text_or_null(&j->refusal));
    jv choice = jv_object_set(jv_object(), jv_string("index"), jv_number(0));
    choice = jv_object_set(choice, jv_string("message"), message);
    choice = jv_object_set(choice, jv_string("finish_reason"),
                           jv_is_valid(j->finish) ? jv_copy(j->finish) : jv_null());
    if (jv_is_valid(j->tokens))
        choice =
            jv_object_set(choice, jv_string("logprobs"),
                          jv_object_set(jv_object(), jv_string("content"), jv_copy(j->tokens)));
    jv root = jv_object_set(jv_copy(j->first), jv_string("object"), jv_string("chat.completion"));
    if (jv_is_valid(j->usage))
        root = jv_object_set(root, jv_string("usage"), jv_copy(j->usage));
    return jv_object_set(root, jv_string("choices"), jv_array_append(jv_array(), choice));
}

bool sm_event_stream_join(const char *body, size_t len, struct sm_buf *line)
{
    struct joined j = {.first = jv_invalid(),
                       .usage = jv_invalid(),
                       .tokens = jv_invalid(),
                       .finish = jv_invalid(),
                       .failed = jv_invalid()};
    take_lines(&j, body, body + len);
    bool complete = jv_is_valid(j.first) && (j.ended || jv_is_valid(j.finish));
    jv root = jv_is_valid(j.failed) ? jv_copy(j.failed) : complete ? whole(&j) : jv_invalid();
    bool any = jv_is_valid(root);
    if (any)
        sm_json_value(line, root);
    jv_free(root);
    jv_free(j.first);
    jv_free(j.usage);
    jv_free(j.tokens);
    jv_free(j.finish);
    jv_free(j.failed);
    sm_buf_release(&j.answer);
    sm_buf_release(&j.thought);
    sm_buf_release(&j.refusal);
    return any;
}
