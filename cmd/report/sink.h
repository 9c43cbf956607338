/* The output of a page or a plot. */
#ifndef CMD_REPORT_SINK_H
#define CMD_REPORT_SINK_H

#include "cmd/common/app.h"

/* A file that is either whole or not there, or standard output. */
struct sink {
    struct app *app;
    struct sm_output output;
    char *path; /* NULL: standard output */
    char *part; /* NULL: written in place (a device) */
    bool failed;
};

/* False with `err` if the file cannot be created. */
bool sink_open(struct sink *sink, struct app *app, const char *path, struct sm_err *err);
void sink_write(struct sink *sink, const char *data, size_t len);

/* With `keep` the file replaces what was there; without, nothing of it is left. True if it was kept
 * and all of it written; a failed write was reported. */
bool sink_close(struct sink *sink, bool keep);

#endif
