/* Which pairs are exported. */
#ifndef CMD_EXPORT_SELECT_H
#define CMD_EXPORT_SELECT_H

#include "cmd/export/export.h"

/* Sets `splits` from --split, or the target's own. */
bool export_read_splits(struct exporter *e, struct sm_err *err);

/* Whether the target takes this pair. Counts in *unlabeled one that lacks nothing but a choice. */
bool export_takes(const struct exporter *e, const struct sm_pair *pair, size_t *unlabeled);

/* Notes which pairs of the user are left out. */
void export_note_left_out(const struct exporter *e, const struct sm_user *user, size_t taken,
                          size_t unlabeled);

#endif
