/* Small files that hold keys or settings, and that only their user may have written. */
#ifndef CMD_COMMON_SMALL_FILE_H
#define CMD_COMMON_SMALL_FILE_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

#include <stdbool.h>

struct small_file_kind {
    int code;           /* the exit status if it cannot be used */
    const char *remedy; /* what to do then */
};

/* Reads a text file into `text`. False with `err` if it cannot be read, is longer than a megabyte,
 * holds a NUL byte, or another user may have written it or the link that leads to it. If there is
 * none, sets *missing, and `err` only where `missing` is NULL. */
bool small_file_read(const char *name, const struct small_file_kind *kind, struct sm_buf *text,
                     bool *missing, struct sm_err *err);

#endif
