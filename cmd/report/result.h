/* What the page and the plots take of a `result` record. */
#ifndef CMD_REPORT_RESULT_H
#define CMD_REPORT_RESULT_H

#include "lib/json/json.h"

/* NAN where the record has none. */
struct result {
    double accuracy, low, high, n, pairs, ties, failed, first, agreement;
};

struct result report_result_of(jv record);

#endif
