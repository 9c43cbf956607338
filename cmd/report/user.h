/* One user of the stream. */
#ifndef CMD_REPORT_USER_H
#define CMD_REPORT_USER_H

#include "cmd/report/report.h"
#include "lib/io/user_spool.h"

/* Counts a user's lines, keeps a row of figures and writes the block. A sm_user_lines_fn whose
 * argument is the report. */
bool report_user(void *arg, const char *user, struct sm_user_lines *lines);

#endif
