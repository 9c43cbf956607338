/* Rows and examples: collects them, and asks them. */
#ifndef SM_SEARCH_INTERNAL_ASK_H
#define SM_SEARCH_INTERNAL_ASK_H

#include "lib/search/internal/state.h"

/* The user's labeled rows of one split. */
void sm_search_collect(struct search_state *state, struct rows *rows, enum sm_split split);
void sm_search_free_rows(struct rows *rows);

/* Ask the next train row, or the next validation row, of a candidate. */
void sm_search_teach(struct trial *trial);
void sm_search_validate(struct trial *trial);

/* Asks the other presentation of those validation rows that were asked in one only. */
void sm_search_compare(struct trial *trial);

/* Ends teaching: chooses the examples for validation. */
void sm_search_taught(struct trial *trial);

#endif
