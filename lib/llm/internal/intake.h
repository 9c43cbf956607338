/* Calls on their way in and out: they are written as their model takes them, joined to an identical
 * one, answered from the store, queued, finished. */
#ifndef SM_LLM_INTERNAL_INTAKE_H
#define SM_LLM_INTERNAL_INTAKE_H

#include "lib/llm/internal/state.h"

/* Hands a new call to its twin, its recorded answer, a batch, or the queue. */
void sm_call_take_in(struct sm_llm *llm, struct sm_call *call);

/* Looks up in the store, all at once, the calls that came in since, and hands each on. They stay
 * while the store's server is away. */
void sm_calls_look_up(struct sm_llm *llm);

/* The same for a call that left the queue, written anew because more is known of its model. */
void sm_call_take_back(struct sm_llm *llm, struct sm_call *call);

/* Add a call to those that wait to be sent; take one out of them and return it. */
void sm_call_enqueue(struct sm_llm *llm, struct sm_call *call);
struct sm_call *sm_call_dequeue(struct sm_llm *llm, struct sm_call *call);

/* True if the store has the answer; the call is then finished. */
bool sm_call_answer_from_store(struct sm_llm *llm, struct sm_call *call);

/* A call without something that its model was said not to take has its answer: that is now known of
 * the model. */
void sm_call_learn(struct sm_llm *llm, struct sm_call *call);

/* Ends a call that has an answer or call->error. Its waiters hear of it at the next turn. */
void sm_call_finish(struct sm_llm *llm, struct sm_call *call);

/* Ends a call with a copy of `why`. */
void sm_call_fail(struct sm_llm *llm, struct sm_call *call, const struct sm_err *why);

/* Lets other processes send the same request. */
void sm_call_unlock(struct sm_llm *llm, struct sm_call *call);

#endif
