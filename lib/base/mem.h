/* Allocation. One policy for the whole suite: running out of memory ends the program. */
#ifndef SM_BASE_MEM_H
#define SM_BASE_MEM_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Called when memory runs out; must not return. The program that links the library defines it. */
_Noreturn void sm_out_of_memory(void);

/* Zeroed memory for `count` objects of `size` bytes, never NULL. Released with free(). */
void *sm_alloc(size_t count, size_t size);

/* Like reallocarray(3), never NULL. Consumes `old`. */
void *sm_resize(void *old, size_t count, size_t size);

/* A NUL-terminated copy, never NULL. The caller frees it. */
char *sm_strdup(const char *text);
char *sm_strndup(const char *text, size_t len);

/* Makes room for one more element in a growing array: returns `items`, moved if needed, with
 * space for at least `used` + 1 elements of `size` bytes; `*room` is the capacity in elements. */
void *sm_grow(void *items, size_t used, size_t *room, size_t size);

/* The compiler rejects functions that are easy to get wrong. Their own headers must come first,
 * hence the includes above. */
#if defined(__GNUC__)
#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol atof gets
#endif

#endif
