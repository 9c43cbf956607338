/* The text that Python makes of a list, as pandas writes it into a cell of a table. */
#ifndef SM_DATA_PYTHON_LITERAL_H
#define SM_DATA_PYTHON_LITERAL_H

#include "lib/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether `text` begins as such a list or dict, and not as JSON: ['…, [{'…, {'…. */
bool sm_python_literal_begins(const char *text, size_t len);

/* Appends the same as JSON: lists, tuples, dicts, strings, numbers, True, False, None and nan
 * (null) as the Python Language Reference (2.4, 6.2) has them, 64 levels deep at most; between
 * dicts of a list the comma may be missing, as numpy prints them. False, with `json` as it was, if
 * all of `text` is no such value. */
bool sm_python_literal_json(const char *text, size_t len, struct sm_buf *json);

#endif
