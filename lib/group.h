/* Lines grouped by user: an input in any order becomes users one after another, in the order in
 * which each first appeared, with the lines of each in their order. The lines wait in a temporary
 * file. */
#ifndef SM_GROUP_H
#define SM_GROUP_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>

/* One user's lines, without newlines; owned by the grouper. */
struct sm_line {
    char *text;
    size_t len;
    bool pair;
};
struct sm_lines {
    struct sm_line *at;
    size_t count, room;
};

struct sm_grouper;

/* Called for each user; false ends the work. */
typedef bool sm_group_fn(void *arg, const char *user, struct sm_lines *lines);

/* `folder`: where the temporary file goes, already without a name when this returns; NULL: no file,
 * the lines of a user must be contiguous and each user is given away as soon as the next begins. */
struct sm_grouper *sm_grouper_open(const char *folder, sm_group_fn *each, void *arg,
                                   struct sm_err *err);

/* Takes a line. False: code SM_EXIT_PARTIAL when a user came before (only without a file; the line
 * is dropped), SM_EXIT_INPUT when the file cannot be written. */
bool sm_grouper_add(struct sm_grouper *grouper, const char *user, const char *line, size_t len,
                    bool pair, struct sm_err *err);

/* The input is over: gives away what is left. */
bool sm_grouper_end(struct sm_grouper *grouper, struct sm_err *err);
void sm_grouper_close(struct sm_grouper *grouper);

#endif
