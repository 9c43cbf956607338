/* The main that sm-bootstrap and sm-demosearch share: they differ in name, first seed and persona.
 */
#ifndef CMD_COMMON_SEARCH_MAIN_H
#define CMD_COMMON_SEARCH_MAIN_H

#include "cmd/common/app.h"

#include <stdbool.h>

int search_main(const struct sm_program *program, const char *stage, long first_seed,
                bool with_persona, int argc, char **argv);

#endif
