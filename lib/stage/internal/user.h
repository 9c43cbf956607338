/* What a user's records leave for a stage to work on. */
#ifndef SM_STAGE_INTERNAL_USER_H
#define SM_STAGE_INTERNAL_USER_H

#include "lib/stage/stage.h"

/* Keeps what stages need of a record. False with `err` if it cannot be used. */
bool sm_user_take(struct sm_user *user, const struct sm_record *record, struct sm_err *err);

#endif
