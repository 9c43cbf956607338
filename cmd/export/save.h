/* The files of sm-export program: what the Python library saves of users, in one folder. */
#ifndef CMD_EXPORT_SAVE_H
#define CMD_EXPORT_SAVE_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

#include <stdbool.h>

struct saver;

/* Opens the folder, which is made if it is missing. With `force` files with other contents are
 * replaced. NULL: it cannot be used. */
struct saver *saver_open(const char *folder, bool force, struct sm_err *err);
void saver_close(struct saver *saver);

/* Writes USER.json with `state` and USER_persona.txt with `persona`: each is whole or not there. In
 * the names of files %XX stands for what would lead out of the folder or hide them, see
 * sm_file_escape().
 * False with code SM_EXIT_PARTIAL: not this user; SM_EXIT_INPUT: the folder cannot be written. */
bool saver_write(const struct saver *saver, const char *user, const struct sm_buf *state,
                 const char *persona, size_t persona_len, struct sm_err *err);

#endif
