/* The main that sm-bootstrap and sm-demosearch share. */
#ifndef CMD_COMMON_SEARCH_MAIN_H
#define CMD_COMMON_SEARCH_MAIN_H

#include "lib/io/opt.h"

#include <stdbool.h>

/* Where they differ. */
struct search_kind {
    const char *stage;
    long first_seed;
    bool with_persona; /* the judge knows it */
    bool with_by;      /* --by is an option: the judge may go by likelihood */
};

int search_main(const struct sm_program *program, const struct search_kind *kind, int argc,
                char **argv);

#endif
