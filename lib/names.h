/* A set of names (user ids), each with its number from 0 in the order of adding. */
#ifndef SM_NAMES_H
#define SM_NAMES_H

#include <stdbool.h>
#include <stddef.h>

struct sm_names;

struct sm_names *sm_names_open(void);
void sm_names_close(struct sm_names *names);

/* The number of `name`; *known tells whether it was there before. Copies the name. */
size_t sm_names_add(struct sm_names *names, const char *name, bool *known);

/* The number of a name that was added; 0 and *known false for any other. */
size_t sm_names_find(const struct sm_names *names, const char *name, bool *known);

size_t sm_names_count(const struct sm_names *names);

/* The name with that number; lives as long as the set. */
const char *sm_names_text(const struct sm_names *names, size_t number);

#endif
