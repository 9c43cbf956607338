/* The main that sm-bootstrap and sm-demosearch share: they differ in the stage's name, in the first
 * seed, and in whether the judge knows the persona. */
#ifndef CMD_COMMON_SEARCH_MAIN_H
#define CMD_COMMON_SEARCH_MAIN_H

#include "lib/io/opt.h"

#include <stdbool.h>

int search_main(const struct sm_program *program, const char *name, long first_seed,
                bool with_persona, int argc, char **argv);

#endif
