#include "lib/stage/reply.h"

#include "lib/base/buf.h"
#include "lib/json/tidy.h"

#include <string.h>
#include <strings.h>

#define OBJECTS_MAX 16

/* The marks between which models think. */
static const struct {
    const char *open, *close;
} thinking[] = {
    {"<think>", "</think>"},
    {"<thinking>", "</thinking>"},
    {"<thought>", "</thought>"},
    {"<thoughts>", "</thoughts>"},
    {"<reasoning>", "</reasoning>"},
    {"<analysis>", "</analysis>"},
    {"<reflection>", "</reflection>"},
    {"<scratchpad>", "</scratchpad>"},
    {"<seed:think>", "</seed:think>"},
    {"[think]", "[/think]"},
    {"◁think▷", "◁/think▷"},
    {"<|begin_of_thought|>", "<|end_of_thought|>"},
    {"<|start_thinking|>", "<|end_thinking|>"},
    {"<|channel|>analysis<|message|>", "<|channel|>final<|message|>"},
};

/* Whether `mark` stands at `p`. */
static bool is_at(const char *p, const char *end, const char *mark, size_t *len)
{
    *len = strlen(mark);
    return (size_t)(end - p) >= *len && strncasecmp(p, mark, *len) == 0;
}

/* 1 or -1 if an opening or closing mark stands at `p`, with its length; else 0. */
static int mark_at(const char *p, const char *end, size_t *len)
{
    for (size_t i = 0; i < sizeof thinking / sizeof *thinking; i++) {
        if (is_at(p, end, thinking[i].open, len))
            return 1;
        if (is_at(p, end, thinking[i].close, len))
            return -1;
    }
    return 0;
}

/* Appends what is no thinking. A closing mark alone ends a thought that began with the text, an
 * opening one alone a thought that has no end. In a text that begins with an object, marks are
 * words of its strings. */
static void add_answer(const char *p, size_t len, struct sm_buf *answer)
{
    const char *end = p + len, *from = p;
    bool thinks = false, plain = p[strspn(p, " \t\r\n")] == '{';
    for (; p < end && !plain; p++) {
        size_t mark_len;
        int mark = strchr("<[\xe2", *p) && *p ? mark_at(p, end, &mark_len) : 0;
        if (!mark)
            continue;
        if (mark > 0 && !thinks)
            sm_buf_add(answer, from, (size_t)(p - from));
        else if (mark < 0 && !thinks)
            sm_buf_clear(answer);
        thinks = mark > 0;
        from = p + mark_len;
        p = from - 1;
    }
    if (!thinks)
        sm_buf_add(answer, from, (size_t)(end - from));
}

static jv trimmed(const char *text, size_t len)
{
    static const char space[] = " \t\r\n";
    while (len && *text && strchr(space, *text))
        text++, len--;
    while (len && text[len - 1] && strchr(space, text[len - 1]))
        len--;
    return jv_string_sized(text, (int)len);
}

jv sm_reply_input(const struct sm_completion *c)
{
    struct sm_buf text = {0};
    add_answer(c->content, c->content_len, &text);
    jv answer = trimmed(sm_buf_text(&text), text.len);
    bool silent = jv_string_length_bytes(jv_copy(answer)) == 0;
    jv objects = silent && !c->truncated
                     ? sm_json_objects(c->content, c->content_len, OBJECTS_MAX)
                     : sm_json_objects(sm_buf_text(&text), text.len, OBJECTS_MAX);
    sm_buf_release(&text);
    jv input = jv_object_set(jv_object(), jv_string("content"),
                             jv_string_sized(c->content, (int)c->content_len));
    input = jv_object_set(input, jv_string("truncated"), c->truncated ? jv_true() : jv_false());
    input = jv_object_set(input, jv_string("answer"), answer);
    return jv_object_set(input, jv_string("objects"), objects);
}
