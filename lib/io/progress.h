/* One progress line for all programs of a pipe that share a terminal. Each publishes its counts in
 * a small file of the process group, which nobody else can open; whoever holds a lock of it draws
 * for all, and when it ends, another takes over. Nothing is drawn unless the descriptor is a
 * terminal. On one that cannot erase a line, a new line is written now and then, ever more seldom.
 */
#ifndef SM_IO_PROGRESS_H
#define SM_IO_PROGRESS_H

#include "lib/base/clock.h"

#include <stdbool.h>
#include <stdint.h>

struct sm_progress;

struct sm_counts {
    int64_t users_done, users_seen; /* seen: read so far */
    int64_t users;                  /* how many there are in all; 0: not known */
    bool about;                     /* `users` is estimated */
    bool asks;                      /* it is a stage that asks a model */
    int64_t begun, expected; /* calls that the users begun may be expected to take; 0: not known */
    int64_t calls, hits;     /* paid calls answered; answers taken from the store */
    int64_t waiting;         /* calls that are not answered yet */
    int64_t tokens_in, tokens_out;
    int64_t failed;
    double cost;       /* of `calls`, US dollars; NAN: not known */
    int64_t max_calls; /* caps of the run; 0: none */
    double max_cost;
};

/* How the terminal may be used. */
struct sm_progress_look {
    bool able;  /* it understands escapes: see sm_term_is_able() */
    bool color; /* draws in colors */
};

/* Shows `name` (at most 15 bytes of it) on terminal `fd`. The shared file goes into `runtime`, if
 * that is a folder that only its owner can enter, else into one that is made below `temp`; the last
 * program to end removes it. Borrows `clock`, and the strings only during the call. NULL if `fd` is
 * not a terminal or there is no such file: every other function takes NULL. */
struct sm_progress *sm_progress_open(const char *name, int fd, const char *runtime,
                                     const char *temp, const struct sm_progress_look *look,
                                     const struct sm_clock *clock);

/* Publishes the counts, and draws at most ten times a second. Cheap to call at every turn. Who
 * draws has to call it every second or so, else the line stands still. */
void sm_progress_update(struct sm_progress *progress, const struct sm_counts *counts);

/* Publishes the counts and lets others draw. */
void sm_progress_publish(struct sm_progress *progress, const struct sm_counts *counts);

/* What erases the line; "" if nobody of the pipe draws one. Whatever is written to the terminal
 * begins with it, in the same write(2): so nobody draws in between. The next update draws again. */
#define SM_PROGRESS_ERASE "\r\033[K"
const char *sm_progress_erase(const struct sm_progress *progress);

/* Erases the line and lets another program draw, before this one waits for something: else the line
 * would stand still. The next update may draw again. */
void sm_progress_yield(struct sm_progress *progress);

/* Adds the last counts to those of ended programs, erases the line, lets another program draw,
 * frees. */
void sm_progress_close(struct sm_progress *progress);

#endif
