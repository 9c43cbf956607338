/* A file of what was learned about users, searched by user id without holding it in memory. */
#ifndef SM_STAGE_LEARNED_H
#define SM_STAGE_LEARNED_H

#include "lib/base/err.h"
#include "lib/stage/stage.h"

#include <jv.h>
#include <stdbool.h>

struct sm_learned;

/* Indexes `path`, a regular file of records; `default_user` as in sm_record_parse(). Memory holds
 * the id of each user and where its records are. NULL with `err` if the file cannot be used, or has
 * a bad line: what that held would be missing. */
struct sm_learned *sm_learned_open(const char *path, const char *default_user, struct sm_err *err);
void sm_learned_close(struct sm_learned *learned);

/* Whether the file holds a persona, a rubric, examples or a failure of any user. */
bool sm_learned_any(const struct sm_learned *learned);

/* The last `rubric` record of `user`, as sm_learned_of() gives the others. */
bool sm_learned_rubric(struct sm_learned *learned, const struct sm_user *user, jv *rubric,
                       struct sm_err *err);

/* Whether the file holds anything of that user. */
bool sm_learned_has(const struct sm_learned *learned, const char *user);

/* The last `persona` record of `user` and the last `demos` record of stage demosearch or import,
 * for the caller to free; invalid if there is none. False with `err` if the file does not have the
 * user, or has an `error` or `pending` record of it, or cannot be read.
 *
 * If `learned` is NULL, they are those that came in the stream. */
bool sm_learned_of(struct sm_learned *learned, const struct sm_user *user, jv *persona, jv *demos,
                   struct sm_err *err);

/* Fills *known, which is all-zero, with the pairs and traces of `user` in the file: its lines are
 * read again. sm_user_forget() releases them, also after a failure. False with `err` if the file
 * cannot be read, or does not have the user. */
bool sm_learned_pairs(struct sm_learned *learned, const char *user, struct sm_user *known,
                      struct sm_err *err);

/* The personas that are to vote, best first, at most `most`: the last `persona` record, and if it
 * has a `rank` or is a revision those before it, for as long as each has a greater rank than the
 * one behind it. Of equal texts the best one votes. A list for the caller to free, empty if there
 * is none. False as above. */
bool sm_learned_personas(struct sm_learned *learned, const struct sm_user *user, size_t most,
                         jv *list, struct sm_err *err);

#endif
