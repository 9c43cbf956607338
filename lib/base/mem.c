#include "lib/base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *sm_alloc(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size ? size : 1);
    if (!p)
        sm_out_of_memory();
    return p;
}

void *sm_resize(void *old, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        sm_out_of_memory();
    void *p = realloc(old, count && size ? count * size : 1);
    if (!p)
        sm_out_of_memory();
    return p;
}

char *sm_strndup(const char *text, size_t len)
{
    char *copy = sm_alloc(len + 1, 1);
    if (len)
        memcpy(copy, text, len);
    return copy;
}

char *sm_strdup(const char *text)
{
    return sm_strndup(text, strlen(text));
}

void *sm_grow(void *items, size_t used, size_t *room, size_t size)
{
    if (used < *room)
        return items;
    *room = *room ? *room * 2 : 8;
    return sm_resize(items, *room, size);
}
