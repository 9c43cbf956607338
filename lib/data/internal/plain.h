/* The short way for rows of three texts. */
#ifndef SM_DATA_INTERNAL_PLAIN_H
#define SM_DATA_INTERNAL_PLAIN_H

#include <jv.h>
#include <stdbool.h>

/* Makes a pair of *row, and of `dataset` unless it is NULL, if it is a text `prompt` or `context`,
 * a text `chosen` and a text `rejected`, and no other column is one of `known` (borrowed: an object
 * whose names are all that the format reads). False, with *row as it was, if it takes more than
 * that. */
bool sm_plain_pair(jv *row, jv known, const char *dataset);

#endif
