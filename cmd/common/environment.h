/* What programs take from the environment, and where they may put files. */
#ifndef CMD_COMMON_ENVIRONMENT_H
#define CMD_COMMON_ENVIRONMENT_H

#include <stddef.h>

/* A variable of the environment; NULL if it is not set, or empty. */
const char *env_variable(const char *name);

/* Takes a variable out of the environment: programs that are run from here on need not know it. */
void env_forget(const char *name);

/* Where temporary files go: TMPDIR, else /tmp. */
const char *env_temp_folder(void);

/* The path of a file or folder below XDG_CACHE_HOME or ~/.cache, for the caller to free; NULL if
 * neither is known. */
char *env_cache_path(const char *name);

/* Removes HOME from the environment, and leaves what is needed of it in XDG_CACHE_HOME and libpq's
 * variables. libjq would read ~/.jq into every program that it compiles, but a prompt or a format
 * must see nothing but its input (lib/json/jq_program.h). */
void env_leave_home(void);

/* How many columns wide the output may be: COLUMNS outranks the terminal's width, as in other
 * programs that draw tables. 0: no limit. */
size_t env_screen_width(void);

/* The certificates to trust instead of the system's, in curl(1)'s order; NULL if none are named. */
void env_certificates(const char **file, const char **path);

#endif
