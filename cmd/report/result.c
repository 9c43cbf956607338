#include "cmd/report/result.h"

#include <math.h>
#include <string.h>

static double number_of(jv object, const char *name)
{
    return sm_json_number(object, name, NAN);
}

const char *report_unit_of(jv ci)
{
    static const char *const units[] = {"user", "pair", "verdict"};
    const char *unit = sm_json_text(ci, "unit", NULL);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (unit && strcmp(unit, units[i]) == 0)
            return units[i];
    }
    return "";
}

struct result report_result_of(jv record)
{
    jv ci = sm_json_get(record, "ci");
    struct result r = {
        .unit = report_unit_of(ci),
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
