/* Which pairs and candidates the input has rewards of, by verdicts and rankings. */
#ifndef CMD_EXPORT_VALUED_H
#define CMD_EXPORT_VALUED_H

#include "cmd/export/export.h"

/* The record of `by_index` (user->verdicts or user->rankings) about that index, for the caller to
 * free; invalid: none. */
jv export_valued(jv by_index, size_t index);

/* False: two pairs, or two objects with candidates, have one index, and it is not known which of
 * them the rewards are of. */
bool export_check_valued(const struct sm_user *user, struct sm_err *err);

/* Notes rewards that are left out, because the input does not hold what they are of. */
void export_note_valued(const struct exporter *e, const struct sm_user *user, size_t taken);

#endif
