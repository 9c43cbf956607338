/* Which of the waiting calls may start, and when. */
#ifndef SM_LLM_INTERNAL_SCHEDULE_H
#define SM_LLM_INTERNAL_SCHEDULE_H

#include "lib/llm/internal/state.h"

/* Starts the waiting calls that may go. */
void sm_schedule_start(struct sm_llm *llm);

/* Milliseconds until there is something to do, at most `limit`; -1 for none. */
int sm_schedule_wait_ms(const struct sm_llm *llm, int limit);

#endif
