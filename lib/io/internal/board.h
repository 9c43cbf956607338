/* What the programs of a process group publish for each other, for one progress line: a small file
 * of one's own, in a folder of one's own. What is read from it decides nothing but that line. */
#ifndef SM_IO_INTERNAL_BOARD_H
#define SM_IO_INTERNAL_BOARD_H

#include "lib/io/progress.h"

#include <stddef.h>

#define SM_BOARD_SLOTS 16
#define SM_BOARD_NAME_BYTES 16

/* Adds what can be added; of the rest, what is greater. */
void sm_counts_add(struct sm_counts *sum, const struct sm_counts *counts);

/* A program that is running. */
struct sm_board_slot {
    char name[SM_BOARD_NAME_BYTES]; /* lower-case letters, digits and dashes; ends in NUL */
    struct sm_counts counts;
};

struct sm_board;

/* Opens the process group's board in `runtime`, if that is a folder that only oneself can enter,
 * else in such a folder below `temp`, which is made; and takes a slot. NULL if there is none, or
 * the file is not one's own alone. */
struct sm_board *sm_board_open(const char *name, const char *runtime, const char *temp);

void sm_board_publish(struct sm_board *board, const struct sm_counts *counts);

/* True for one program of all, from its first call on until it yields. */
bool sm_board_draws(struct sm_board *board);
void sm_board_yield(struct sm_board *board);

/* Whether one of them draws. */
bool sm_board_is_drawn(const struct sm_board *board);

/* Reads the slots of the running programs, and the sum of those that have ended. Returns how many
 * run. */
size_t sm_board_read(const struct sm_board *board, struct sm_board_slot slots[SM_BOARD_SLOTS],
                     struct sm_counts *ended);

/* Adds the last counts to those of ended programs. The last program removes the file. */
void sm_board_close(struct sm_board *board);

#endif
