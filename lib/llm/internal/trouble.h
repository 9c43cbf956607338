/* What it means that an attempt has no answer, given the endpoint and what else came from it. */
#ifndef SM_LLM_INTERNAL_TROUBLE_H
#define SM_LLM_INTERNAL_TROUBLE_H

#include "lib/llm/fault.h"
#include "lib/llm/internal/transfer.h"

#define SM_AGAIN "run the same command again: answers already paid for are kept"

/* Whether there is none: something came with a status of success. */
bool sm_trouble_is_none(const struct sm_transfer *ended);

/* Seconds that the endpoint asks to wait; 0: it does not. */
double sm_trouble_asked_s(const struct sm_transfer *ended, const struct sm_fault *fault);

/* What an answer, or its absence, means; `err` tells it, with the remedy that helps with this
 * endpoint. */
struct sm_fault sm_trouble_read(struct sm_llm *llm, const struct sm_transfer *ended,
                                struct sm_err *err);

#endif
