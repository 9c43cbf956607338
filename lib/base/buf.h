/* A growing byte buffer with an upper bound. Invariants: `data` is NULL only while `cap` is 0;
 * data[len] is NUL whenever `cap` > 0; `len` never exceeds `max`. An append that would exceed it
 * adds nothing and sets `over`, which stays set until sm_buf_clear(). */
#ifndef SM_BASE_BUF_H
#define SM_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct sm_buf {
    char *data;
    size_t len, cap;
    size_t max; /* bytes; 0: no bound */
    bool over;
};

/* Empty, with a bound of `max` bytes. An all-zero buffer is valid too, and has no bound. */
void sm_buf_init(struct sm_buf *buf, size_t max);

/* Frees the memory. The buffer is empty and keeps its bound. */
void sm_buf_release(struct sm_buf *buf);

/* Empties the buffer but keeps the memory. */
void sm_buf_clear(struct sm_buf *buf);

/* Append a copy. False if the bound does not allow it. */
bool sm_buf_add(struct sm_buf *buf, const void *data, size_t len);
bool sm_buf_str(struct sm_buf *buf, const char *text);
bool sm_buf_char(struct sm_buf *buf, char c);
bool sm_buf_printf(struct sm_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool sm_buf_vprintf(struct sm_buf *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Drops the first `count` bytes (at most `len`). */
void sm_buf_skip(struct sm_buf *buf, size_t count);

/* The contents as a C string, valid until the next change; "" when empty. */
const char *sm_buf_text(const struct sm_buf *buf);

/* Hands over the contents as a C string, which the caller frees. The buffer is then empty. */
char *sm_buf_take(struct sm_buf *buf);

#endif
