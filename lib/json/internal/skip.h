/* Steps over the text of valid JSON. */
#ifndef SM_JSON_INTERNAL_SKIP_H
#define SM_JSON_INTERNAL_SKIP_H

#include <string.h>

static inline const char *sm_skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
        p++;
    return p;
}

/* `p` is at the opening quote. Returns the place behind the closing one, `end` if there is none. */
static inline const char *sm_skip_string(const char *p, const char *end)
{
    const char *quote = p;
    while ((quote = memchr(quote + 1, '"', (size_t)(end - quote) - 1))) {
        const char *text = quote;
        while (text > p + 1 && text[-1] == '\\')
            text--;
        if ((quote - text) % 2 == 0) /* not escaped */
            return quote + 1;
    }
    return end;
}

#endif
