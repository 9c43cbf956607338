/* What the page and the plots need from a `result` record. */
#ifndef CMD_REPORT_RESULT_H
#define CMD_REPORT_RESULT_H

#include "lib/json/json.h"

/* NAN for what the record lacks. */
struct result {
    double accuracy, low, high, n, pairs, ties, failed, first, agreement;
};

struct result report_result_of(jv record);

#endif
