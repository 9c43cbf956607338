#include "lib/data/internal/nesting.h"

#include <string.h>

/* Goes through the rest of a string, mostly by the library. */
static size_t scan_string(struct sm_nesting *nesting, const char *text, size_t len)
{
    size_t i = 0, plain = 0; /* no quote from i to plain */
    const char *quote = NULL;
    while (i < len) {
        if (nesting->escaped) {
            nesting->escaped = false;
            i++;
            continue;
        }
        if (plain <= i && plain < len) {
            quote = memchr(text + i, '"', len - i);
            plain = quote ? (size_t)(quote - text) : len;
        }
        const char *backslash = memchr(text + i, '\\', plain - i);
        if (backslash) {
            nesting->escaped = true;
            i = (size_t)(backslash - text) + 1;
        } else if (quote) {
            nesting->string = false;
            return plain + 1;
        } else {
            i = len;
        }
    }
    return len;
}

static void open_bracket(struct sm_nesting *nesting, char c)
{
    if (nesting->depth < SM_NESTING_KNOWN)
        nesting->open[nesting->depth] = c;
    nesting->depth++;
}

size_t sm_nesting_scan(struct sm_nesting *nesting, const char *text, size_t len, bool stop)
{
    size_t i = 0;
    while (i < len) {
        if (nesting->string) {
            i += scan_string(nesting, text + i, len - i);
            continue;
        }
        char c = text[i];
        bool closes = c == '}' || c == ']';
        if (stop && nesting->depth == 0 && (closes || c == ','))
            break;
        if (c == '"')
            nesting->string = true;
        else if (c == '{' || c == '[')
            open_bracket(nesting, c);
        else if (closes)
            nesting->depth -= nesting->depth > 0;
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
            nesting->last = c;
        i++;
    }
    return i;
}

bool sm_nesting_inside(const struct sm_nesting *nesting)
{
    return nesting->string || nesting->depth > 0;
}

bool sm_nesting_takes_object(const struct sm_nesting *nesting)
{
    size_t depth = nesting->depth;
    bool list = depth > 0 && depth <= SM_NESTING_KNOWN && nesting->open[depth - 1] == '[';
    return !nesting->string &&
           (nesting->last == ':' || nesting->last == '[' || (nesting->last == ',' && list));
}
