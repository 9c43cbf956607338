/* What libjq does not check of a text, or checks only when it has built it. */
#ifndef SM_JSON_INTERNAL_CHECK_H
#define SM_JSON_INTERNAL_CHECK_H

#include "lib/base/err.h"

#include <stdbool.h>

/* Both are for a text that is, or may be, JSON. False with `err`: it has more values than
 * SM_JSON_VALUES_MAX; it is nested too deep, or has a number or a word that is no JSON. */
bool sm_check_size(const char *text, const char *end, struct sm_err *err);
bool sm_check_parsed(const char *text, const char *end, struct sm_err *err);

#endif
