#include "lib/llm/internal/wording.h"

#include "lib/base/mem.h"

#include <ctype.h>

#define QUOTED_SPACES 3 /* a quotation with so many is a text, not a name */
#define QUOTED_MAX_BYTES 2000

char *sm_own_words(const char *text)
{
    char *own = sm_strdup(text);
    for (char *p = own; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    for (char *p = own; *p; p++) {
        bool opens = strchr("'\"`", *p) && (p == own || !isalnum((unsigned char)p[-1]));
        bool value = p - own > 2 && strncmp(p - 2, ": ", 2) == 0 && strchr("'\"", p[-3]);
        if (!opens || value)
            continue;
        char *end = p + 1;
        size_t spaces = 0;
        for (; *end && end - p < QUOTED_MAX_BYTES; end++) {
            if (*end == *p && !isalnum((unsigned char)end[1]))
                break;
            spaces += *end == ' ';
        }
        if (*end != *p || end == p + 1)
            continue;
        if (spaces >= QUOTED_SPACES)
            memset(p + 1, '.', (size_t)(end - p - 1));
        p = end;
    }
    return own;
}

char *sm_beginning(const char *text, size_t most)
{
    return sm_strndup(text, strnlen(text, most));
}

/* Whether the parts of `phrase` stand in `text`, close to each other. */
static bool says(const char *text, const char *phrase)
{
    size_t len = strcspn(phrase, "*");
    for (const char *p = text; *p; p++) {
        if (strncmp(p, phrase, len) != 0)
            continue;
        if (!phrase[len])
            return true;
        char *rest = sm_beginning(p + len, NEAR_BYTES + strlen(phrase));
        bool all = says(rest, phrase + len + 1);
        free(rest);
        if (all)
            return true;
    }
    return false;
}

bool sm_says_any(const char *text, const char *const *phrases, size_t count)
{
    for (size_t i = 0; i < count && phrases[i]; i++) {
        if (says(text, phrases[i]))
            return true;
    }
    return false;
}

static bool has_word(const struct sm_buf *list, const char *word)
{
    struct sm_buf line = {0};
    sm_buf_printf(&line, "\n%s\n", word);
    bool has = strstr(sm_buf_text(list), line.data) != NULL;
    sm_buf_release(&line);
    return has;
}

bool sm_has_any_word(const struct sm_buf *list, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count && words[i]; i++) {
        if (has_word(list, words[i]))
            return true;
    }
    return false;
}
