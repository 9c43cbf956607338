/* Secrets: where keys come from, and the headers of --header files. They stay in memory. */
#ifndef CMD_COMMON_CREDENTIALS_H
#define CMD_COMMON_CREDENTIALS_H

#include "lib/base/err.h"
#include "lib/io/opt.h"

#include <stdbool.h>

/* The assignments in .env of the working folder, each "NAME=value". Owns them. All-zero is
 * empty. */
struct dotenv {
    struct sm_string_list lines;
};

void dotenv_read(struct dotenv *env);
void dotenv_release(struct dotenv *env);

/* A variable of the environment, else of .env, borrowed; NULL if both lack it or have it empty.
 * `env` is a struct dotenv: this is an sm_lookup_fn (provider.h). */
const char *dotenv_variable(void *env, const char *name);

/* Removes the keys from the environment: programs that are started from now on need none. */
void forget_keys(void);

/* Appends the header lines of all `files` (each "@NAME") to `lines`. False with `err`. Call
 * headers_release() either way. */
bool headers_read(const struct sm_string_list *files, struct sm_string_list *lines,
                  struct sm_err *err);
void headers_release(struct sm_string_list *lines);

#endif
