/* Which pairs are exported. */
#ifndef CMD_EXPORT_SELECT_H
#define CMD_EXPORT_SELECT_H

#include "cmd/export/export.h"

/* Sets `splits` from --split, or the target's own. */
bool export_read_splits(struct exporter *e, struct sm_err *err);

/* Whether the target takes this pair; counts in *unlabeled the one that only lacks a choice. */
bool export_takes(const struct exporter *e, const struct sm_pair *pair, size_t *unlabeled);

/* Says what of the user is not in the output. */
void export_tell_left_out(const struct exporter *e, const struct sm_user *user, size_t taken,
                          size_t unlabeled);

#endif
