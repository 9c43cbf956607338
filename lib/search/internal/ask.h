/* The calls: the prompts of rows and candidates, and what their answers say. */
#ifndef SM_SEARCH_INTERNAL_ASK_H
#define SM_SEARCH_INTERNAL_ASK_H

#include "lib/search/internal/state.h"

void sm_search_collect(struct search_state *state, struct rows *rows, enum sm_split split);
void sm_search_free_rows(struct rows *rows);

/* The instructions with `persona` (may be NULL). The caller owns the text. */
char *sm_search_system(struct search_state *state, const char *persona);

/* Asks the next train row, or the next validation row, of a candidate. */
void sm_search_teach(struct trial *trial);
void sm_search_validate(struct trial *trial);

/* Asks the other presentation of those validation rows that were asked in one only. */
void sm_search_compare(struct trial *trial);

/* From teaching to validation: chooses the examples. */
void sm_search_taught(struct trial *trial);

#endif
