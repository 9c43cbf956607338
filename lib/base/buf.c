#include "lib/base/buf.h"

#include "lib/base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sm_buf_init(struct sm_buf *buf, size_t max)
{
    *buf = (struct sm_buf){.max = max};
}

void sm_buf_release(struct sm_buf *buf)
{
    free(buf->data);
    *buf = (struct sm_buf){.max = buf->max};
}

void sm_buf_clear(struct sm_buf *buf)
{
    buf->len = 0;
    buf->over = false;
    if (buf->data)
        buf->data[0] = '\0';
}

static bool make_room(struct sm_buf *buf, size_t more)
{
    if (buf->max && more > buf->max - buf->len) {
        buf->over = true;
        return false;
    }
    size_t need = buf->len + more + 1;
    if (need <= buf->cap)
        return true;
    size_t cap = buf->cap ? buf->cap : 64;
    while (cap < need)
        cap += cap / 2;
    buf->data = sm_resize(buf->data, cap, 1);
    buf->cap = cap;
    return true;
}

bool sm_buf_add(struct sm_buf *buf, const void *data, size_t len)
{
    if (!make_room(buf, len))
        return false;
    if (len)
        memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
    return true;
}

bool sm_buf_str(struct sm_buf *buf, const char *text)
{
    return sm_buf_add(buf, text, strlen(text));
}

bool sm_buf_char(struct sm_buf *buf, char c)
{
    return sm_buf_add(buf, &c, 1);
}

bool sm_buf_printf(struct sm_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool ok = sm_buf_vprintf(buf, format, args);
    va_end(args);
    return ok;
}

bool sm_buf_vprintf(struct sm_buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    bool ok = len >= 0 && make_room(buf, (size_t)len);
    if (ok) {
        vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
    return ok;
}

void sm_buf_skip(struct sm_buf *buf, size_t count)
{
    if (count >= buf->len) {
        sm_buf_clear(buf);
        return;
    }
    buf->len -= count;
    memmove(buf->data, buf->data + count, buf->len + 1);
}

const char *sm_buf_text(const struct sm_buf *buf)
{
    return buf->data ? buf->data : "";
}

char *sm_buf_take(struct sm_buf *buf)
{
    char *text = buf->data ? buf->data : sm_strdup("");
    *buf = (struct sm_buf){.max = buf->max};
    return text;
}
