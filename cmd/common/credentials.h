/* Secrets: where keys come from, and the headers of --header files. They stay in memory. */
#ifndef CMD_COMMON_CREDENTIALS_H
#define CMD_COMMON_CREDENTIALS_H

#include "lib/base/err.h"
#include "lib/io/opt.h"

#include <stdbool.h>

/* The assignments of a file .env in the working folder, "NAME=value" each. All-zero is empty; owns
 * its strings. */
struct dotenv {
    struct sm_string_list lines;
};

void dotenv_read(struct dotenv *env);
void dotenv_release(struct dotenv *env);

/* A variable of the environment, else of .env; NULL if it is in neither, or empty. `env` is a
 * struct dotenv: this is the sm_lookup_fn of provider.h. Borrowed. */
const char *dotenv_variable(void *env, const char *name);

/* Takes the keys out of the environment: programs that are run from here on need none. */
void forget_keys(void);

/* The header lines of all `files` ("@NAME" each). Owns what it appends to `lines`, also on failure:
 * see headers_release(). */
bool headers_read(const struct sm_string_list *files, struct sm_string_list *lines,
                  struct sm_err *err);
void headers_release(struct sm_string_list *lines);

#endif
