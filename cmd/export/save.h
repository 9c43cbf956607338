/* The files of sm-export program: what the Python library saves of users, in one folder. */
#ifndef CMD_EXPORT_SAVE_H
#define CMD_EXPORT_SAVE_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

#include <stdbool.h>

struct saver;

/* Opens the folder, and makes it if it is missing. With `force` files with other contents are
 * replaced. NULL with `err`: it cannot be used. */
struct saver *saver_open(const char *folder, bool force, struct sm_err *err);
void saver_close(struct saver *saver);

/* Writes USER.json with `state` and USER_persona.txt with `persona`; neither is ever half there.
 * Names are escaped by sm_file_escape(), so that they cannot lead out of the folder or hide the
 * files. False with code SM_EXIT_PARTIAL: this user cannot be saved; SM_EXIT_INPUT: the folder
 * cannot be written. */
bool saver_write(const struct saver *saver, const char *user, const struct sm_buf *state,
                 const char *persona, size_t persona_len, struct sm_err *err);

#endif
