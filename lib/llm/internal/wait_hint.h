/* How long an endpoint asks to wait, in the forms in which endpoints say it. */
#ifndef SM_LLM_INTERNAL_WAIT_HINT_H
#define SM_LLM_INTERNAL_WAIT_HINT_H

#include <stddef.h>
#include <stdint.h>

/* Seconds that a header's value stands for: a number ("2", "0.5"), durations ("6m0s", "12ms"), a
 * moment in seconds or milliseconds since 1970, or a date. `unix_ms` is now. Below 0 if it is none
 * of these. */
double sm_wait_of_header(const char *value, int64_t unix_ms);

/* Seconds that a message asks for ("Please try again in 1m2.5s."); 0 if it does not. */
double sm_wait_of_text(const char *text);

#endif
