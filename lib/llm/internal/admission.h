/* Calls on their way in and out: written as their model takes them, joined to an identical one,
 * answered from the store, queued to be sent, finished. */
#ifndef SM_LLM_INTERNAL_ADMISSION_H
#define SM_LLM_INTERNAL_ADMISSION_H

#include "lib/llm/internal/state.h"

/* Puts a new call where it belongs: to its twin, its recorded answer, a batch, or the queue. */
void sm_call_admit(struct sm_llm *llm, struct sm_call *call);

/* The same for one that is out of the queue, and written anew since its model is now known better.
 */
void sm_call_readmit(struct sm_llm *llm, struct sm_call *call);

/* Into the calls that wait to be sent, and out of them; the latter returns it. */
void sm_call_enqueue(struct sm_llm *llm, struct sm_call *call);
struct sm_call *sm_call_dequeue(struct sm_llm *llm, struct sm_call *call);

/* True if the store knew the answer, and the call is finished. */
bool sm_call_answer_from_store(struct sm_llm *llm, struct sm_call *call);

/* It is answered, or call->error says why not: those who wait for it are told at the next turn. */
void sm_call_finish(struct sm_llm *llm, struct sm_call *call);

/* Finishes it with a copy of `why`. */
void sm_call_fail(struct sm_llm *llm, struct sm_call *call, const struct sm_err *why);

/* Lets other processes ask the same. */
void sm_call_unlock(struct sm_llm *llm, struct sm_call *call);

#endif
