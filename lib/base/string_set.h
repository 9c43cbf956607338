/* A set of names (user ids), each with its number from 0 in the order of adding. */
#ifndef SM_BASE_STRING_SET_H
#define SM_BASE_STRING_SET_H

#include <stdbool.h>
#include <stddef.h>

struct sm_string_set;

struct sm_string_set *sm_string_set_open(void);
void sm_string_set_close(struct sm_string_set *names);

/* The number of `name`; *known tells whether it was there before. Copies the name. */
size_t sm_string_set_add(struct sm_string_set *names, const char *name, bool *known);

/* The number of a name that was added; 0 and *known false for any other. */
size_t sm_string_set_find(const struct sm_string_set *names, const char *name, bool *known);

size_t sm_string_set_count(const struct sm_string_set *names);

/* The name with that number; lives as long as the set. */
const char *sm_string_set_text(const struct sm_string_set *names, size_t number);

#endif
