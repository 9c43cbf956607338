#include "lib/base/string_set.h"

#include "lib/base/mem.h"

#include <stdint.h>

struct sm_string_set {
    char **texts;
    size_t count, room;
    size_t *slots; /* open addressing: number + 1, or 0 */
    size_t slot_count;
};

struct sm_string_set *sm_string_set_open(void)
{
    struct sm_string_set *names = sm_alloc(1, sizeof *names);
    names->slot_count = 1024;
    names->slots = sm_alloc(names->slot_count, sizeof *names->slots);
    return names;
}

void sm_string_set_close(struct sm_string_set *names)
{
    if (!names)
        return;
    for (size_t i = 0; i < names->count; i++)
        free(names->texts[i]);
    free(names->texts);
    free(names->slots);
    free(names);
}

static uint64_t hash_text(const char *text)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    return hash;
}

/* The slot that holds `name`, or the free one where it belongs. */
static size_t *find(const struct sm_string_set *names, const char *name)
{
    size_t at = hash_text(name) & (names->slot_count - 1);
    while (names->slots[at] && strcmp(names->texts[names->slots[at] - 1], name) != 0)
        at = (at + 1) & (names->slot_count - 1);
    return &names->slots[at];
}

static void widen(struct sm_string_set *names)
{
    free(names->slots);
    names->slot_count *= 2;
    names->slots = sm_alloc(names->slot_count, sizeof *names->slots);
    for (size_t i = 0; i < names->count; i++)
        *find(names, names->texts[i]) = i + 1;
}

size_t sm_string_set_add(struct sm_string_set *names, const char *name, bool *known)
{
    if (2 * (names->count + 1) > names->slot_count)
        widen(names);
    size_t *slot = find(names, name);
    *known = *slot != 0;
    if (*known)
        return *slot - 1;
    names->texts = sm_grow(names->texts, names->count, &names->room, sizeof *names->texts);
    names->texts[names->count++] = sm_strdup(name);
    *slot = names->count;
    return names->count - 1;
}

size_t sm_string_set_find(const struct sm_string_set *names, const char *name, bool *known)
{
    size_t slot = *find(names, name);
    *known = slot != 0;
    return *known ? slot - 1 : 0;
}

size_t sm_string_set_count(const struct sm_string_set *names)
{
    return names->count;
}

const char *sm_string_set_text(const struct sm_string_set *names, size_t number)
{
    return names->texts[number];
}
