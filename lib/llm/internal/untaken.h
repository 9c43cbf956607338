/* Parameters that an endpoint says it does not take, and that we can do without. */
#ifndef SM_LLM_UNTAKEN_H
#define SM_LLM_UNTAKEN_H

#include "lib/llm/internal/complaint.h"

/* The one that `text`, from sm_own_words(), or the complaint's codes tell to be unsupported or
 * unknown; NULL if none is. A constant. */
const char *sm_untaken_param(const struct sm_complaint *complaint, const char *text);

#endif
