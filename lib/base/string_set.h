/* A set of strings, such as user ids, numbered from 0 in the order in which they were added. */
#ifndef SM_BASE_STRING_SET_H
#define SM_BASE_STRING_SET_H

#include <stdbool.h>
#include <stddef.h>

struct sm_string_set;

struct sm_string_set *sm_string_set_open(void);
void sm_string_set_close(struct sm_string_set *set);

/* The number of `text`, added as a copy unless it was there; *known tells whether it was. */
size_t sm_string_set_add(struct sm_string_set *set, const char *text, bool *known);

/* The number of a string that was added; 0 and *known false for any other. */
size_t sm_string_set_find(const struct sm_string_set *set, const char *text, bool *known);

size_t sm_string_set_count(const struct sm_string_set *set);

/* The string with that number. It lives as long as the set. */
const char *sm_string_set_text(const struct sm_string_set *set, size_t number);

#endif
