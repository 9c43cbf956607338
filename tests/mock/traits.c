#include "tests/mock/traits.h"

#include "tests/mock/die.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *where, *marks, *with, *without;
} traits[] = {
#define TRAIT(...) {__VA_ARGS__},
#include "tests/mock/traits.inc"
#undef TRAIT
};

static size_t words_of(const char *text)
{
    static const char blank[] = " \n";
    size_t count = 0;
    for (text += strspn(text, blank); *text; text += strspn(text, blank)) {
        text += strcspn(text, blank);
        count++;
    }
    return count;
}

static bool stands(const char *text, const char *where, const char *mark)
{
    size_t len = strlen(text), size = strlen(mark);
    const char *at = strstr(text, mark);
    if (strcmp(where, "start") == 0)
        return at == text;
    if (strcmp(where, "end") == 0)
        return len >= size && strcmp(text + len - size, mark) == 0;
    while (at && strcmp(where, "line") == 0 && at > text && at[-1] != '\n')
        at = strstr(at + 1, mark);
    return at;
}

static bool has_trait(const char *text, const char *where, const char *marks)
{
    char mark[64];
    if (strcmp(where, "words") == 0)
        return words_of(text) > strtoul(marks, NULL, 10);
    for (size_t n; *marks; marks += n + (marks[n] == '|')) {
        n = strcspn(marks, "|");
        snprintf(mark, sizeof mark, "%.*s", (int)n, marks);
        if (stands(text, where, mark))
            return true;
    }
    return false;
}

unsigned traits_of(const char *text, size_t len)
{
    unsigned has = 0;
    char *copy = strndup(text, len);
    if (!copy)
        die("out of memory");
    for (size_t i = 0; i < TRAITS; i++)
        has |= (unsigned)has_trait(copy, traits[i].where, traits[i].marks) << i;
    free(copy);
    return has;
}

const char *trait_phrase(size_t trait, bool with)
{
    return with ? traits[trait].with : traits[trait].without;
}

const char *trait_named(const char *text, const char *word, size_t trait, bool with)
{
    char name[128];
    snprintf(name, sizeof name, "%s %s", word, trait_phrase(trait, with));
    const char *at = strstr(text, name);
    return at ? at + strlen(name) : NULL;
}
