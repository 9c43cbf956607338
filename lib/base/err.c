#include "lib/base/err.h"

#include "lib/base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static char *format_text(const char *format, va_list args)
{
    va_list copy;
    va_copy(copy, args);
    int len = vsnprintf(NULL, 0, format, copy);
    va_end(copy);
    if (len < 0)
        return sm_strdup(format);
    char *text = sm_alloc((size_t)len + 1, 1);
    vsnprintf(text, (size_t)len + 1, format, args);
    return text;
}

bool sm_err_set(struct sm_err *err, int code, const char *remedy, const char *format, ...)
{
    if (!err)
        return false;
    va_list args;
    va_start(args, format);
    char *message = format_text(format, args);
    va_end(args);
    char *advice = remedy ? sm_strdup(remedy) : NULL;
    sm_err_clear(err);
    *err = (struct sm_err){.code = code, .message = message, .remedy = advice};
    return false;
}

void sm_err_prefix(struct sm_err *err, const char *format, ...)
{
    if (!err || !err->message)
        return;
    va_list args;
    va_start(args, format);
    char *prefix = format_text(format, args);
    va_end(args);
    struct sm_err longer = {0};
    sm_err_set(&longer, err->code, err->remedy, "%s: %s", prefix, err->message);
    free(prefix);
    sm_err_clear(err);
    *err = longer;
}

void sm_err_clear(struct sm_err *err)
{
    free((char *)err->message);
    free((char *)err->remedy);
    *err = (struct sm_err){0};
}
