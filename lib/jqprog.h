/* jq programs, compiled and run. What they read comes from their input alone: neither $HOME/.jq nor
 * a library folder of jq's is looked at. */
#ifndef SM_JQPROG_H
#define SM_JQPROG_H

#include "err.h"

#include <jq.h>
#include <jv.h>

/* NULL: `err` tells what is wrong with the program, with `remedy` (may be NULL). To be ended with
 * jq_teardown(). */
jq_state *sm_jq_compile(const char *program, const char *remedy, struct sm_err *err);

/* The first result for `input` (consumed); invalid, with `err` filled, when the program gives none
 * or an error. */
jv sm_jq_value(jq_state *jq, jv input, const char *remedy, struct sm_err *err);

/* The message of an error that a program ended with, as text; invalid if `result` (consumed) is no
 * error but the end of the results. */
jv sm_jq_error(jv result);

#endif
