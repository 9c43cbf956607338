/* One progress bar for all programs of a pipe that share a terminal: each publishes its counts in a
 * small file of the process group, and whichever holds that file's lock draws for all. When the one
 * that draws ends, another takes over. Nothing is drawn unless the descriptor is a terminal. */
#ifndef SM_IO_PROGRESS_H
#define SM_IO_PROGRESS_H

#include "lib/base/clock.h"

#include <stdbool.h>
#include <stdint.h>

struct sm_progress;

struct sm_counts {
    int64_t users_done, users_seen; /* seen: begun or read so far */
    bool all_seen;                  /* the input has ended: users_seen is the total */
    int64_t calls, hits;            /* paid calls answered; answers taken from the store */
    int64_t waiting;                /* calls asked and not yet answered */
    int64_t tokens_in, tokens_out;
    int64_t failed;
};

/* Begins showing `name` (at most 15 bytes are kept) on terminal `fd`, with the shared file in the
 * folder `runtime_dir` (borrowed during the call; owner-only file, removed by the last to leave).
 * Borrows `clock`. NULL when `fd` is no terminal or the file cannot be had: every other call takes
 * NULL. */
struct sm_progress *sm_progress_open(const char *name, int fd, const char *runtime_dir,
                                     const struct sm_clock *clock);

/* Publishes the counts and, at most ten times a second, draws. Cheap to call at every turn. */
void sm_progress_update(struct sm_progress *progress, const struct sm_counts *counts);

/* Clears the line so that a message can be printed; the next update draws again. */
void sm_progress_clear(struct sm_progress *progress);

/* Publishes the last counts, clears the line, lets the next program draw, and frees. */
void sm_progress_close(struct sm_progress *progress);

#endif
