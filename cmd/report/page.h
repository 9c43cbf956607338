/* The page of sm-report. */
#ifndef CMD_REPORT_PAGE_H
#define CMD_REPORT_PAGE_H

#include "cmd/report/report.h"
#include "cmd/report/sink.h"

/* Writes the page, for which it reads report->blocks again. */
void report_page(struct report *report, struct sink *sink);

#endif
