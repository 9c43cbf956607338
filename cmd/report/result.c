#include "cmd/report/result.h"

#include <math.h>

static double number_of(jv object, const char *name)
{
    return sm_json_number(object, name, NAN);
}

struct result report_result_of(jv record)
{
    jv ci = sm_json_get(record, "ci");
    struct result r = {
        .accuracy = number_of(record, "accuracy"),
        .low = number_of(ci, "low"),
        .high = number_of(ci, "high"),
        .n = number_of(record, "n"),
        .pairs = number_of(record, "pairs"),
        .ties = number_of(record, "ties"),
        .failed = number_of(record, "failed"),
        .first = number_of(record, "first_share"),
        .agreement = number_of(record, "agreement"),
    };
    jv_free(ci);
    return r;
}
