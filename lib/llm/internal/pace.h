/* How fast a model is asked whose endpoint limits the rate. An answer 429 is about all calls to the
 * model: they wait, then one goes out alone, and with each answer one more may be in flight. */
#ifndef SM_LLM_INTERNAL_PACE_H
#define SM_LLM_INTERNAL_PACE_H

#include "lib/llm/internal/state.h"

/* Notes that the endpoint found a call one too many, and asks to wait `asked_s` seconds (0: it does
 * not say). Sets when the model's calls may go on. */
void sm_pace_limited(struct sm_llm *llm, const struct sm_call *call, double asked_s);

/* Whether it has limited the rate for so long, without one answer, that waiting does not help. */
bool sm_pace_is_hopeless(const struct sm_llm *llm, const struct sm_model *model);

/* Notes that a call was answered. */
void sm_pace_answered(const struct sm_llm *llm, const struct sm_call *call);

/* Tells the user that the endpoint is waited for, and why, if it is for long and longer than said
 * before. */
void sm_pace_tell(struct sm_llm *llm, double wait_s, const char *why);

/* "90 s", "12 min", "3.5 h" or "7 days"; at most 999 days. */
void sm_pace_write(struct sm_buf *out, double seconds);

#endif
