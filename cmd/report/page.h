/* The page. */
#ifndef CMD_REPORT_PAGE_H
#define CMD_REPORT_PAGE_H

#include "cmd/report/report.h"
#include "cmd/report/sink.h"

void report_page(struct report *report, struct sink *sink);

#endif
