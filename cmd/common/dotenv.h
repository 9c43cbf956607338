/* Settings and keys in the file .env of the working folder, as python-dotenv and others read it. */
#ifndef CMD_COMMON_DOTENV_H
#define CMD_COMMON_DOTENV_H

#include "lib/base/err.h"
#include "lib/io/opt.h"

#include <stdbool.h>

/* The assignments, each "NAME=value"; of several of one name the last counts. Owns them. All-zero
 * is empty. */
struct dotenv {
    struct sm_string_list lines;
};

/* Reads it, if it is there. False with `err` if another user may have written it, or it is no text.
 */
bool dotenv_read(struct dotenv *env, struct sm_err *err);
void dotenv_release(struct dotenv *env);

/* What .env has for `name`, borrowed; NULL if it lacks it or has it empty. */
const char *dotenv_value(const struct dotenv *env, const char *name);

/* A variable of the environment, else of .env, borrowed; NULL if both lack it. `env` is a struct
 * dotenv: this is an sm_lookup_fn (provider.h). */
const char *dotenv_variable(void *env, const char *name);

#endif
