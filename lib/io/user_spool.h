/* Lines grouped by user: an input in any order becomes users one after another, in the order in
 * which each first appeared, with the lines of each in their order. The lines wait in a temporary
 * file. */
#ifndef SM_IO_USER_SPOOL_H
#define SM_IO_USER_SPOOL_H

#include "lib/base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* One user's lines, without newlines; owned by the grouper. */
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

/* Called for each user; false ends the work. */
typedef bool sm_user_lines_fn(void *arg, const char *user, struct sm_user_lines *lines);

/* `folder`: where the temporary file goes, already without a name when this returns; NULL: no file,
 * the lines of a user must be contiguous and each user is given away as soon as the next begins. */
struct sm_user_spool *sm_user_spool_open(const char *folder, sm_user_lines_fn *each, void *arg,
                                         struct sm_err *err);

/* Takes a line. False: code SM_EXIT_PARTIAL when a user came before (only without a file; the line
 * is dropped), SM_EXIT_INPUT when the file cannot be written. */
bool sm_user_spool_add(struct sm_user_spool *grouper, const char *user, const char *line,
                       size_t len, bool pair, struct sm_err *err);

/* The input is over: gives away what is left. */
bool sm_user_spool_end(struct sm_user_spool *grouper, struct sm_err *err);
void sm_user_spool_close(struct sm_user_spool *grouper);

#endif
