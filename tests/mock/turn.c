#include "tests/mock/turn.h"

#include "tests/mock/die.h"
#include "tests/mock/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct style style_chatml = {
    .open = {"<|im_start|>system\n", "<|im_start|>user\n", "<|im_start|>assistant\n"},
    .close = "<|im_end|>\n"};

const struct style style_transcript = {.open = {"System:\n", "User:\n", "Assistant:\n"},
                                       .close = "\n\n"};

static enum role role_at(const char *text, const struct style *style)
{
    int role = 0;
    while (role < ROLES && strncmp(text, style->open[role], strlen(style->open[role])) != 0)
        role++;
    return (enum role)role;
}

/* The end of a turn's content; NULL where no turn follows it. */
static const char *end_of(const char *content, const struct style *style)
{
    const char *end = strstr(content, style->close);
    while (end && role_at(end + strlen(style->close), style) == ROLES)
        end = strstr(end + 1, style->close);
    return end;
}

struct turns turns_of(const char *text, const struct style *style)
{
    struct turns turns = {0};
    enum role role;
    while (text && (role = role_at(text, style)) != ROLES) {
        turns.at = realloc(turns.at, (turns.count + 1) * sizeof *turns.at);
        if (!turns.at)
            die("out of memory");
        const char *begin = text + strlen(style->open[role]), *end = end_of(begin, style);
        turns.at[turns.count++] = (struct turn){role, begin, end ? end : begin + strlen(begin)};
        text = end ? end + strlen(style->close) : NULL;
    }
    return turns;
}

char *turns_write(jv messages, bool unfinished, bool prompt)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    int n = jv_get_kind(messages) == JV_KIND_ARRAY ? jv_array_length(jv_copy(messages)) : 0;
    for (int i = 0; i < n; i++) {
        jv message = jv_array_get(jv_copy(messages), i);
        const char *role = text_of(message, "role"), *content = text_of(message, "content");
        fprintf(out, "<|im_start|>%s\n%s%s", role ? role : "user", content ? content : "",
                unfinished && i == n - 1 ? "" : style_chatml.close);
        jv_free(message);
    }
    if (prompt)
        fputs(style_chatml.open[ROLE_ASSISTANT], out);
    fclose(out);
    return text;
}
