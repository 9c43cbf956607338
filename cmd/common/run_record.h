/* The `run` record, a program's last line. */
#ifndef CMD_COMMON_RUN_RECORD_H
#define CMD_COMMON_RUN_RECORD_H

#include "cmd/common/app.h"

/* Writes the record of a program that asks no model. `extra`: NULL, or members (",\"k\":v"). */
void run_record_write(struct app *app, const char *extra);

/* Its parts, in this order, for programs that add more between them. */
void run_record_begin(const struct app *app, struct sm_buf *out);
void run_record_options(const struct app *app, struct sm_buf *out);
void run_record_end(struct app *app, struct sm_buf *out, const char *extra);

#endif
