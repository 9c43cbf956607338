/* A file of trained users: what was learned of each, found by user id without holding the file. */
#ifndef SM_TRAINED_H
#define SM_TRAINED_H

#include "err.h"
#include "stage.h"

#include <jv.h>
#include <stdbool.h>

struct sm_trained;

/* Indexes `path` (a regular file of records); `default_user` as in sm_record_parse(). Memory: a
 * user's id and three offsets. NULL with `err` if the file cannot be used; a bad line is an error
 * too, since what it held would be missed. */
struct sm_trained *sm_trained_open(const char *path, const char *default_user, struct sm_err *err);
void sm_trained_close(struct sm_trained *trained);

/* Whether the file holds a persona, examples or a failure of any user. */
bool sm_trained_any(const struct sm_trained *trained);

/* The last `persona` record of `user` and the last `demos` record of stage demosearch or import,
 * for the caller to free; invalid where there is none. False: the user is not in the file, has an
 * `error` record there, or cannot be read.
 *
 * Where `trained` is NULL it was learned in the stream. */
bool sm_trained_of(struct sm_trained *trained, const struct sm_user *user, jv *persona, jv *demos,
                   struct sm_err *err);

#endif
