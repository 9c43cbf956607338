/* One progress line for all programs of a pipe that share a terminal. Each publishes its counts in
 * a small file of the process group, which nobody else can open; whoever holds a lock of it draws
 * for all, and when it ends, another takes over. Nothing is drawn unless the descriptor is a
 * terminal. */
#ifndef SM_IO_PROGRESS_H
#define SM_IO_PROGRESS_H

#include "lib/base/clock.h"

#include <stdbool.h>
#include <stdint.h>

struct sm_progress;

struct sm_counts {
    int64_t users_done, users_seen; /* seen: read so far */
    bool all_seen;                  /* the input has ended: users_seen is the total */
    int64_t calls, hits;            /* paid calls answered; answers taken from the store */
    int64_t waiting;                /* calls that are not answered yet */
    int64_t tokens_in, tokens_out;
    int64_t failed;
};

/* Shows `name` (at most 15 bytes of it) on terminal `fd`. The shared file goes into `runtime`, if
 * that is a folder that only its owner can enter, else into one that is made below `temp`; the last
 * program to end removes it. Borrows `clock`, and the strings only during the call. NULL if `fd` is
 * not a terminal or there is no such file: every other function takes NULL. */
struct sm_progress *sm_progress_open(const char *name, int fd, const char *runtime,
                                     const char *temp, const struct sm_clock *clock);

/* Publishes the counts, and draws at most ten times a second. Cheap to call at every turn. */
void sm_progress_update(struct sm_progress *progress, const struct sm_counts *counts);

/* Clears the line so that a message can be printed; the next update draws again. */
void sm_progress_clear(struct sm_progress *progress);

/* Adds the last counts to those of ended programs, clears the line, lets another program draw,
 * frees. */
void sm_progress_close(struct sm_progress *progress);

#endif
