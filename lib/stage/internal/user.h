/* What a user's records leave for a stage to work on. */
#ifndef SM_STAGE_INTERNAL_USER_H
#define SM_STAGE_INTERNAL_USER_H

#include "lib/stage/stage.h"

/* Keeps what stages need of a record. False with `err` if it cannot be used. */
bool sm_user_take(struct sm_user *user, const struct sm_record *record, struct sm_err *err);

/* Takes a line that is a question of its own, for stage->line. False with `err`, and perhaps the
 * user's id, if it is none. */
bool sm_user_take_question(struct sm_user *user, const char *line, size_t len,
                           const char *default_user, struct sm_err *err);

/* If the user is such a question, its records get the member `line`. */
void sm_user_number(struct sm_user *user);

/* sm_user_failed() without its report. */
void sm_user_fail(struct sm_user *user, const struct sm_err *err, unsigned tried);

#endif
