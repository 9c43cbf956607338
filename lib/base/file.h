/* Files that are more than lines to read: all of one at once, one without a name, and names of
 * files that are made of names in data. */
#ifndef SM_BASE_FILE_H
#define SM_BASE_FILE_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* From where the descriptor stands to the end of its file, appended; what goes beyond the bound of
 * `text` is read and dropped. False, with errno: it cannot be read. */
bool sm_file_read(int fd, struct sm_buf *text);

/* All of `data`. False, with errno: some of it may be written. */
bool sm_file_write(int fd, const char *data, size_t len);

/* A file in `folder` that nobody else can open and that is gone once it is closed. */
FILE *sm_file_unnamed(const char *folder, struct sm_err *err);

/* Appends `name` as a part of a file's name: %XX stands for control characters, '/', '%', the bytes
 * of `also`, and a dot at the beginning. */
void sm_file_escape(struct sm_buf *out, const char *name, const char *also);

/* Appends the name that sm_file_escape() without `also` made `text` of. An escape that it would not
 * have written stays as it is: it is part of the name. */
void sm_file_unescape(struct sm_buf *out, const char *text, size_t len);

#endif
