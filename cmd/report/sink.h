/* The file that a page or a plot becomes. */
#ifndef CMD_REPORT_SINK_H
#define CMD_REPORT_SINK_H

#include "cmd/common/app.h"

/* Where a page or a plot goes: a file that is whole or not there, or standard output. */
struct sink {
    struct app *app;
    struct sm_output output;
    char *path, *part; /* NULL: standard output; `part` NULL: written in place (a device) */
    bool failed;
};

/* False with `err` if the file cannot be made. */
bool sink_open(struct sink *sink, struct app *app, const char *path, struct sm_err *err);
void sink_write(struct sink *sink, const char *data, size_t len);

/* With `keep` the file takes the place of what was there, else nothing is left of it. False if
 * something could not be written, which was reported. */
bool sink_close(struct sink *sink, bool keep);

#endif
