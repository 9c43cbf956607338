/* What was learned of users, in a file: found by user id without holding the file. */
#ifndef SM_STAGE_LEARNED_H
#define SM_STAGE_LEARNED_H

#include "lib/base/err.h"
#include "lib/stage/stage.h"

#include <jv.h>
#include <stdbool.h>

struct sm_learned;

/* Indexes `path` (a regular file of records); `default_user` as in sm_record_parse(). Memory: a
 * user's id and three offsets. NULL with `err` if the file cannot be used; a bad line is an error
 * too, since what it held would be missed. */
struct sm_learned *sm_learned_open(const char *path, const char *default_user, struct sm_err *err);
void sm_learned_close(struct sm_learned *learned);

/* Whether the file holds a persona, examples or a failure of any user. */
bool sm_learned_any(const struct sm_learned *learned);

/* The last `persona` record of `user` and the last `demos` record of stage demosearch or import,
 * for the caller to free; invalid where there is none. False: the user is not in the file, has an
 * `error` record there, or cannot be read.
 *
 * Where `learned` is NULL it was learned in the stream. */
bool sm_learned_of(struct sm_learned *learned, const struct sm_user *user, jv *persona, jv *demos,
                   struct sm_err *err);

#endif
