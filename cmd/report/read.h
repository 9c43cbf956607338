/* Reading a stream of records. */
#ifndef CMD_REPORT_READ_H
#define CMD_REPORT_READ_H

#include "cmd/report/report.h"

/* Reads the whole input. False if it cannot be used at all, which was reported. */
bool report_read(struct report *report);
void report_release(struct report *report);

#endif
