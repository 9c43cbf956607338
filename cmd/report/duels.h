/* Two judges' verdicts on the same pair in the same order: who was right. */
#ifndef CMD_REPORT_DUELS_H
#define CMD_REPORT_DUELS_H

#include "lib/base/string_set.h"

#include <stdbool.h>

/* How many verdicts both judges have right, the page's judge alone, the other alone, and none. */
struct duel_counts {
    size_t both, gained, lost, neither;
};

/* All-zero is empty. */
struct duels {
    struct sm_string_set *places; /* a pair and an order */
    struct duel {
        enum { DUEL_MISSING, DUEL_WRONG, DUEL_RIGHT } mine, theirs;
    } * at;
    size_t room;
};

/* Adds the verdict of the page's judge, or the other's (`theirs`); the first of a place counts. */
void duels_add(struct duels *duels, size_t index, bool reverse, bool theirs, bool right);

struct duel_counts duels_count(const struct duels *duels);
void duels_release(struct duels *duels);

#endif
