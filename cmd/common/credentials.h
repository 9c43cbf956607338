/* Secrets: where keys come from, and the headers of --header files. They stay in memory. */
#ifndef CMD_COMMON_CREDENTIALS_H
#define CMD_COMMON_CREDENTIALS_H

#include "lib/base/err.h"
#include "lib/io/opt.h"

#include <stdbool.h>

/* Removes the keys from the environment: programs that are started from now on need none. */
void forget_keys(void);

/* Appends the header lines of all `files` (each "@NAME") to `lines`. False with `err`. Call
 * headers_release() either way. */
bool headers_read(const struct sm_string_list *files, struct sm_string_list *lines,
                  struct sm_err *err);
void headers_release(struct sm_string_list *lines);

/* The first line of a file, for the caller to free. False with `err`, also if another user may have
 * written it. */
bool key_file_read(const char *name, char **key, struct sm_err *err);

#endif
