/* Groups lines by user: input in any order comes out user by user, in the order in which users
 * first appear, each with its lines in their order. Meanwhile the lines are in a temporary file. */
#ifndef SM_IO_USER_SPOOL_H
#define SM_IO_USER_SPOOL_H

#include "lib/base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* One user's lines, without newlines; owned by the spool. */
struct sm_user_line {
    char *text;
    size_t len;
    bool pair;
};
struct sm_user_lines {
    struct sm_user_line *at;
    size_t count, room;
};

struct sm_user_spool;

/* Called for each user; false stops the spool. */
typedef bool sm_user_lines_fn(void *arg, const char *user, struct sm_user_lines *lines);

/* `folder` is where the temporary file goes; it has no name there by the time this returns. NULL:
 * no file, the lines of a user must be contiguous, and each user is given away as soon as the next
 * one begins. Borrows `arg`. NULL with `err` if there can be no file. */
struct sm_user_spool *sm_user_spool_open(const char *folder, sm_user_lines_fn *each, void *arg,
                                         struct sm_err *err);

/* Copies a line. False with SM_EXIT_PARTIAL if the user came before (only without a file; the line
 * is dropped), with SM_EXIT_INPUT if the file cannot be written. */
bool sm_user_spool_add(struct sm_user_spool *spool, const char *user, const char *line, size_t len,
                       bool pair, struct sm_err *err);

/* How many users there are so far. */
size_t sm_user_spool_users(const struct sm_user_spool *spool);

/* The end of the input: gives away what is left. */
bool sm_user_spool_end(struct sm_user_spool *spool, struct sm_err *err);
void sm_user_spool_close(struct sm_user_spool *spool);

#endif
