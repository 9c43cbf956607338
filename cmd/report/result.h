/* What the page and the plots need from a `result` record. */
#ifndef CMD_REPORT_RESULT_H
#define CMD_REPORT_RESULT_H

#include "lib/json/json.h"

/* NAN for what the record lacks. */
struct result {
    const char *unit; /* what its interval takes as independent: user, pair, verdict or "" */
    double accuracy, low, high, n, pairs, ties, failed, first, agreement;
};

struct result report_result_of(jv record);

/* The `unit` of an interval, or "". */
const char *report_unit_of(jv ci);

#endif
