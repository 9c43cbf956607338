/* Calls that go to another server when theirs fails. */
#ifndef SM_LLM_INTERNAL_MOVE_H
#define SM_LLM_INTERNAL_MOVE_H

#include "lib/llm/internal/state.h"
#include "lib/llm/internal/transfer.h"

/* Of several servers another one takes the call of an attempt that failed. False if it was not the
 * server's fault, or all are down. */
bool sm_move_on(struct sm_llm *llm, const struct sm_transfer *ended);

/* The call's server has answered: it is one of those to be asked again. */
void sm_move_back(struct sm_llm *llm, const struct sm_call *call);

#endif
