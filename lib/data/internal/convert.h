/* Reads Parquet and Arrow by a program that can, if there is one on this machine. */
#ifndef SM_DATA_INTERNAL_CONVERT_H
#define SM_DATA_INTERNAL_CONVERT_H

#include "lib/data/internal/foreign.h"

#include <sys/types.h>

struct sm_convert {
    pid_t pid;        /* 0: none runs */
    const char *tool; /* its name */
};

/* Starts it on the file `fd`, which it reads as its standard input: no name is handed on. Returns
 * the descriptor from which JSON Lines come, for the caller to close; -1 if there is no such
 * program (and no `err`), or if it cannot be run on this. */
int sm_convert_start(struct sm_convert *convert, enum sm_foreign_reader reader, int fd,
                     struct sm_err *err);

/* To be called at the end of what comes, as an sm_more_fn with the converter as `arg`: false, and
 * with `err` if the program failed. */
bool sm_convert_end(void *arg, struct sm_err *err);

/* Ends it. */
void sm_convert_close(struct sm_convert *convert);

#endif
