/* What comes of an attempt: an answer that is recorded, another attempt later, or giving up. */
#ifndef SM_LLM_INTERNAL_ATTEMPT_H
#define SM_LLM_INTERNAL_ATTEMPT_H

#include "lib/llm/internal/state.h"

/* Moves transfers on, then finishes or queues again the calls whose transfers ended. */
void sm_attempts_collect(struct sm_llm *llm);

#endif
