#include "cmd/report/duels.h"

#include "lib/base/mem.h"

#include <stdio.h>
#include <stdlib.h>

void duels_add(struct duels *duels, size_t index, bool reverse, bool theirs, bool right)
{
    char place[32];
    bool known;
    if (!duels->places)
        duels->places = sm_string_set_open();
    snprintf(place, sizeof place, "%zu%c", index, reverse ? '-' : '+');
    size_t number = sm_string_set_add(duels->places, place, &known);
    if (!known) {
        duels->at = sm_grow(duels->at, number, &duels->room, sizeof *duels->at);
        duels->at[number] = (struct duel){DUEL_MISSING, DUEL_MISSING};
    }
    struct duel *duel = &duels->at[number];
    if (theirs && duel->theirs == DUEL_MISSING)
        duel->theirs = right ? DUEL_RIGHT : DUEL_WRONG;
    if (!theirs && duel->mine == DUEL_MISSING)
        duel->mine = right ? DUEL_RIGHT : DUEL_WRONG;
}

struct duel_counts duels_count(const struct duels *duels)
{
    struct duel_counts counts = {0};
    size_t count = duels->places ? sm_string_set_count(duels->places) : 0;
    for (size_t i = 0; i < count; i++) {
        const struct duel *duel = &duels->at[i];
        if (duel->mine == DUEL_MISSING || duel->theirs == DUEL_MISSING)
            continue;
        bool mine = duel->mine == DUEL_RIGHT, theirs = duel->theirs == DUEL_RIGHT;
        counts.both += mine && theirs;
        counts.gained += mine && !theirs;
        counts.lost += !mine && theirs;
        counts.neither += !mine && !theirs;
    }
    return counts;
}

void duels_release(struct duels *duels)
{
    if (duels->places)
        sm_string_set_close(duels->places);
    free(duels->at);
    *duels = (struct duels){0};
}
