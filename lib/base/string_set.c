#include "lib/base/string_set.h"

#include "lib/base/fnv.h"
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
    struct sm_string_set *set = sm_alloc(1, sizeof *set);
    set->slot_count = 1024;
    set->slots = sm_alloc(set->slot_count, sizeof *set->slots);
    return set;
}

void sm_string_set_close(struct sm_string_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->count; i++)
        free(set->texts[i]);
    free(set->texts);
    free(set->slots);
    free(set);
}

/* The slot that holds `text`, or the free one where it belongs. */
static size_t *find_slot(const struct sm_string_set *set, const char *text)
{
    size_t at = sm_fnv(SM_FNV_START, text, strlen(text)) & (set->slot_count - 1);
    while (set->slots[at] && strcmp(set->texts[set->slots[at] - 1], text) != 0)
        at = (at + 1) & (set->slot_count - 1);
    return &set->slots[at];
}

static void widen(struct sm_string_set *set)
{
    free(set->slots);
    set->slot_count *= 2;
    set->slots = sm_alloc(set->slot_count, sizeof *set->slots);
    for (size_t i = 0; i < set->count; i++)
        *find_slot(set, set->texts[i]) = i + 1;
}

size_t sm_string_set_add(struct sm_string_set *set, const char *text, bool *known)
{
    if (2 * (set->count + 1) > set->slot_count)
        widen(set);
    size_t *slot = find_slot(set, text);
    *known = *slot != 0;
    if (*known)
        return *slot - 1;
    set->texts = sm_grow(set->texts, set->count, &set->room, sizeof *set->texts);
    set->texts[set->count++] = sm_strdup(text);
    *slot = set->count;
    return set->count - 1;
}

size_t sm_string_set_find(const struct sm_string_set *set, const char *text, bool *known)
{
    size_t slot = *find_slot(set, text);
    *known = slot != 0;
    return *known ? slot - 1 : 0;
}

size_t sm_string_set_count(const struct sm_string_set *set)
{
    return set->count;
}

const char *sm_string_set_text(const struct sm_string_set *set, size_t number)
{
    return set->texts[number];
}
