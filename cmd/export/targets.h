/* What sm-export can write. */
#ifndef CMD_EXPORT_TARGETS_H
#define CMD_EXPORT_TARGETS_H

#include "cmd/export/export.h"

/* The target of that name; NULL: none. */
const struct target *export_target(const char *name);

#endif
