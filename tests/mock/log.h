/* The log of chat calls. */
#ifndef MOCK_LOG_H
#define MOCK_LOG_H

#include "tests/mock/call.h"

#include <stdio.h>

/* Opens a log to append to; dies where it cannot. */
FILE *log_open(const char *path);

/* Appends a line, in one write, so that a signal leaves no half of one. `fault` is the kind that
 * struck, or NULL. */
void log_call(FILE *log, const struct call *call, unsigned status, const char *fault);

#endif
