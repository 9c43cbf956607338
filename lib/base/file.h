/* Whole files, temporary files, and file names made from names in data. */
#ifndef SM_BASE_FILE_H
#define SM_BASE_FILE_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Appends the rest of the file. If that exceeds the bound of `text`, text->over is set and the
 * contents are incomplete. False, with errno, if reading fails. */
bool sm_file_read(int fd, struct sm_buf *text);

/* Writes all of `data`. False, with errno, if that fails; part of it may have been written. */
bool sm_file_write(int fd, const char *data, size_t len);

/* A temporary file in `folder`: it has no name, so nobody else can open it, and closing it deletes
 * it. NULL with `err` on failure. */
FILE *sm_file_unnamed(const char *folder, struct sm_err *err);

/* Appends `name` in a form that is safe within a file name: %XX for control characters, '/', '%', a
 * leading dot, the bytes of `also`, and those of characters that are not printable. */
void sm_file_escape(struct sm_buf *out, const char *name, const char *also);

/* Appends the name that sm_file_escape() with an empty `also` made `text` from. Only escapes of
 * what it escapes are decoded; any other %XX is part of the name. */
void sm_file_unescape(struct sm_buf *out, const char *text, size_t len);

#endif
